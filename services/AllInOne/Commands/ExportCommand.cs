using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>export</c>: prints a tenant as the document that <c>apply</c> takes.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> s_tenant = new("TENANT") { Description = "The tenant's name." };

    private static readonly Option<FileInfo?> s_recordings = new("--recordings")
    {
        Description = "Write the tenant with its own sounds and all recordings, opened, to this tar file, instead of printing the document.", HelpName = "FILE",
    };

    /// <summary>Names of people stay readable, in any script.</summary>
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Build()
    {
        var command = new Command("export", "Print a tenant as a JSON document, passwords included: keep it safe. ./pbx apply takes it.") { s_tenant, s_recordings, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            if (parsed.GetValue(s_recordings) is { } file)
            {
                await ArchiveAsync(api, parsed.GetValue(s_tenant)!, file.FullName, cancel);
                return 0;
            }
            JsonNode document = await api.GetAsync<JsonNode>($"tenants/{Uri.EscapeDataString(parsed.GetValue(s_tenant)!)}/document", cancel);
            Trim(document);
            await Console.Out.WriteLineAsync(document.ToJsonString(s_json));
            return 0;
        });
        return command;
    }

    /// <summary>Writes the archive beside its place first: a file that broke off never looks like a whole one. Its readers are those of its owner.</summary>
    private static async Task ArchiveAsync(ApiClient api, string tenant, string file, CancellationToken cancel)
    {
        string draft = file + ".part";
        try
        {
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (FileStream to = new(draft, options))
            {
                long next = 0;
                await api.DownloadAsync($"tenants/{Uri.EscapeDataString(tenant)}/archive", to, (have, all, recordings) =>
                {
                    if (have < next) return;
                    next = have + ProgressStep;
                    Console.Error.Write($"\r{have >> 20} of about {all >> 20} MiB, {recordings} recordings ");
                }, cancel);
                await Console.Error.WriteLineAsync($"\r{to.Length >> 20} MiB in {file}: keep it as safe as the passwords in it.   ");
            }
            File.Move(draft, file, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            throw new StartException($"The export to {file} broke off: {fault.Message}");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private const long ProgressStep = 1 << 20;

    /// <summary>Takes out what says nothing: a member that is null means the same as one that is absent.</summary>
    internal static void Trim(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) Trim(item);
        }
        else if (node is JsonObject whole)
        {
            foreach (string name in whole.Where(member => member.Value is null).Select(member => member.Key).ToArray()) whole.Remove(name);
            foreach (KeyValuePair<string, JsonNode?> member in whole) Trim(member.Value);
        }
    }
}
