using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPbx.Data.Postgres;
using CloudPbx.Load.Measuring;
using CloudPbx.TestKit.Processes;
using Npgsql;

namespace CloudPbx.Load.Product;

/// <summary>The API as a process of its own on a PostgreSQL with a tenant that has much: 10,000 extensions and a million call records.</summary>
internal sealed class ApiOnPostgres : IAsyncDisposable
{
    public const int Extensions = 10_000;
    public const int Records = 1_000_000;
    public const int FirstExtension = 10_000;
    public const string Tenant = "bench";

    private const string Password = "cloudpbx-bench", Database = "cloudpbx_bench";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly ChildProcess _stores;
    private ServiceProcess? _api;

    private ApiOnPostgres(string folder, ChildProcess stores) => (_folder, _stores) = (folder, stores);

    /// <summary>A client with the operator's token.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>The process that is measured.</summary>
    public int ProcessId => _api!.ProcessId;

    /// <summary>Starts stores and API and fills the database.</summary>
    public static async Task<ApiOnPostgres> StartAsync(Action<string> progress, CancellationToken cancel)
    {
        string folder = System.IO.Directory.CreateTempSubdirectory("pbx-bench-").FullName;
        // PostgreSQL's own user has to get through.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        string script = Path.Combine(Path.GetDirectoryName(Programs.AllInOne)!, "servers.sh");
        ApiOnPostgres product = new(folder, ChildProcess.Start(["bash", script, Path.Combine(folder, "stores"), "--volatile", "postgres", "redis"], folder, input: null));
        try
        {
            await product.PrepareAsync(progress, cancel);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_api is not null)
            await _api.DisposeAsync();
        await _stores.DisposeAsync();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync(Action<string> progress, CancellationToken cancel)
    {
        string admin = await ConnectionOfAsync("postgres", cancel), redis = await ConnectionOfAsync("redis", cancel);
        await PostgresRoles.PrepareAsync(admin, Database, _ => Password, cancel);
        string token = Path.Combine(_folder, "operator.token");
        Dictionary<string, string> settings = new()
        {
            ["Postgres__Connection"] = As(PostgresRoles.App), ["Postgres__PlatformConnection"] = As(PostgresRoles.Platform), ["Postgres__OwnerConnection"] = As(PostgresRoles.Owner),
            ["PlatformKey__Path"] = Path.Combine(_folder, "platform.key"), ["PlatformKey__Create"] = "true", ["Redis__Connection"] = redis, ["OperatorToken__Path"] = token, ["Blobs__Folder"] = Path.Combine(_folder, "blobs"),
            ["Logging__LogLevel__Default"] = "Warning", ["Logging__LogLevel__Orleans"] = "None",
        };
        progress("making the schema");
        (int code, string output) = await ChildProcess.RunAsync([Programs.Service("Api"), "--migrate"], _folder, settings.ToDictionary(s => s.Key, s => (string?)s.Value), deadline: s_patience, cancel: cancel);
        if (code != 0)
            throw new InvalidOperationException($"Api --migrate ended with {code}: {output}");
        _api = ServiceProcess.Start("Api", [], _folder, settings);        // all cores: the figures are with the load beside it
        await _api.ReadyAsync(cancel);
        Client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri($"http://127.0.0.1:{_api.HttpPort}/v1/"), Timeout = s_patience };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(token, cancel)).Trim());
        using HttpResponseMessage made = await Client.PostAsJsonAsync("tenants", new { name = Tenant }, cancel);
        JsonElement tenant = await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
        progress($"filling the database: {Extensions} extensions, {Records} call records");
        await FillAsync(new NpgsqlConnectionStringBuilder(admin) { Database = Database, CommandTimeout = 0 }.ToString(), Guid.Parse(tenant.GetProperty("id").GetString()!), cancel);

        string As(string role) => new NpgsqlConnectionStringBuilder(admin) { Database = Database, Username = role, Password = Password }.ToString();
    }

    /// <summary>By SQL, as the superuser whom no policy concerns: by the API it would take hours.</summary>
    private static async Task FillAsync(string connection, Guid tenant, CancellationToken cancel)
    {
        await using NpgsqlConnection open = new(connection);
        await open.OpenAsync(cancel);
        await ExecuteAsync(
            $"""
            insert into extensions (tenant_id, id, number, display_name, ring_seconds, recording, version)
            select '{tenant}', gen_random_uuid(), ({FirstExtension} + i)::text, 'Person ' || i, null, 'Off', gen_random_uuid() from generate_series(0, {Extensions - 1}) i
            """);
        // Identifiers of version 7, so that each record lies in the partition of its month; a call every seven seconds up to now.
        await ExecuteAsync(
            $"""
            insert into call_records (tenant_id, id, sequence, caller_number, caller_name, called_number, answered_by, direction, trunk_number, disposition, started_at, answered_at, ended_at, talk_milliseconds, sip_status, reason, q850_cause, released_by, media)
            select '{tenant}', (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid, i,
                   ({FirstExtension} + i * 7919 % {Extensions})::text, 'Person ' || i * 7919 % {Extensions}, case when i % 3 = 0 then '+4930' || 1000000 + i * 31 % 90000 else ({FirstExtension} + i * 104729 % {Extensions})::text end,
                   case when i % 4 > 0 then ({FirstExtension} + i * 104729 % {Extensions})::text end, case when i % 3 = 0 then 'Outbound' else 'Internal' end, case when i % 3 = 0 then '+4930' || 1000000 + i * 31 % 90000 end,
                   case when i % 4 > 0 then 'Answered' else 'NoAnswer' end, at, case when i % 4 > 0 then at + interval '5 s' end, at + interval '65 s', case when i % 4 > 0 then 60000 else 0 end, case when i % 4 > 0 then 200 else 480 end,
                   'ok', case when i % 4 > 0 then 16 else 19 end, 'Caller', '[]'
            from (select i, now() - ({Records} - i) * interval '7 s' as at from generate_series(1::bigint, {Records}) i) calls
            """);
        await ExecuteAsync($"update tenant_sequences set last = {Records} where tenant_id = '{tenant}'");
        await ExecuteAsync("vacuum analyze call_records");
        await ExecuteAsync("vacuum analyze extensions");

        async Task ExecuteAsync(string sql)
        {
            await using NpgsqlCommand command = new(sql, open) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private async Task<string> ConnectionOfAsync(string store, CancellationToken cancel)
    {
        (string Entry, int)? line = await _stores.Output.WaitAsync(said => said.StartsWith(store + " ", StringComparison.Ordinal) || said.StartsWith("missing " + store, StringComparison.Ordinal), 0, s_patience, cancel);
        return line is { Entry: { } text } && text.Split(' ', 3) is [_, _, var connection] ? connection : throw new InvalidOperationException($"{store} did not start.{Environment.NewLine}{_stores.Tail()}");
    }
}
