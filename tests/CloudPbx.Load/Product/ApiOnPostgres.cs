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
    public const int FirstExtension = LargeTenant.FirstExtension;
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
        _api = ServiceProcess.Start("Api", [], _folder, settings);
        await _api.ReadyAsync(cancel);
        Client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri($"http://127.0.0.1:{_api.HttpPort}/v1/"), Timeout = s_patience };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(token, cancel)).Trim());
        using HttpResponseMessage made = await Client.PostAsJsonAsync("tenants", new { name = Tenant }, cancel);
        JsonElement tenant = await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel);
        progress($"filling the database: {Extensions} extensions, {Records} call records");
        await LargeTenant.FillAsync(new NpgsqlConnectionStringBuilder(admin) { Database = Database, CommandTimeout = 0 }.ToString(), Guid.Parse(tenant.GetProperty("id").GetString()!), Extensions, Records, cancel);

        string As(string role) => new NpgsqlConnectionStringBuilder(admin) { Database = Database, Username = role, Password = Password }.ToString();
    }

    private async Task<string> ConnectionOfAsync(string store, CancellationToken cancel)
    {
        (string Entry, int)? line = await _stores.Output.WaitAsync(said => said.StartsWith(store + " ", StringComparison.Ordinal) || said.StartsWith("missing " + store, StringComparison.Ordinal), 0, s_patience, cancel);
        return line is { Entry: { } text } && text.Split(' ', 3) is [_, _, var connection] ? connection : throw new InvalidOperationException($"{store} did not start.{Environment.NewLine}{_stores.Tail()}");
    }
}
