using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>import</c>: takes over miniSIPServer's local users, external lines and dial plan from CSV files.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string> s_tenant = new("TENANT") { Description = "The tenant's name; it must be there." };
    private static readonly Option<FileInfo?> s_users = new("--users") { Description = "CSV with miniSIPServer's local users: local user, password, display name." };
    private static readonly Option<FileInfo?> s_lines = new("--lines") { Description = "CSV with its external lines: external line, password, server, port, local user." };
    private static readonly Option<FileInfo?> s_dialPlan = new("--dial-plan") { Description = "CSV with its dial plan: prefix, external line, delete digits, insert." };
    private static readonly Option<bool> s_dryRun = new("--dry-run") { Description = "Say what would be done, and do nothing." };
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Command Build()
    {
        var command = new Command("import", "Add miniSIPServer's local users, external lines and dial plan to a tenant, with a report row by row. What the tenant has stays as it is.")
        {
            s_tenant, s_users, s_lines, s_dialPlan, s_dryRun, RunCommand.Data,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(s_users) is null && result.GetValue(s_lines) is null && result.GetValue(s_dialPlan) is null)
                result.AddError("Give at least one of --users FILE, --lines FILE and --dial-plan FILE.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            NewImport wish = new()
            {
                Users = await ReadAsync(parsed.GetValue(s_users), cancel), Lines = await ReadAsync(parsed.GetValue(s_lines), cancel), DialPlan = await ReadAsync(parsed.GetValue(s_dialPlan), cancel),
            };
            string path = $"tenants/{Uri.EscapeDataString(parsed.GetValue(s_tenant)!)}/import?dryRun={(parsed.GetValue(s_dryRun) ? "true" : "false")}";
            ImportReport report = await api.PostAsync<ImportReport>(path, JsonSerializer.Serialize(wish, s_json), cancel);
            var table = new TextTable("File", "Line", "What", "", "Note");
            foreach (ImportedRow row in report.Rows) table.Add(NameOf(row.File), $"{row.Row}", row.Subject, row.Taken ? "taken" : "left out", row.Note);
            table.WriteTo(Console.Out);
            await Console.Out.WriteLineAsync(report.Taken == 0 ? "Nothing was done." : report.DryRun ? $"{report.Taken} rows would be taken. Nothing was done." : $"{report.Taken} rows were taken.");
            if (report.Secrets.Count > 0)
            {
                var secrets = new TextTable("Extension", "User", "Password (new)");
                foreach (GeneratedSecret made in report.Secrets) secrets.Add(made.Extension, made.AuthUser, made.Secret);
                secrets.WriteTo(Console.Out);
            }
            return 0;
        });
        return command;
    }

    private static string NameOf(ImportedFile file) => file switch { ImportedFile.Users => "users", ImportedFile.Lines => "lines", _ => "dial plan" };

    private static async Task<string?> ReadAsync(FileInfo? file, CancellationToken cancel)
    {
        try
        {
            return file is null ? null : await File.ReadAllTextAsync(file.FullName, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {e.Message}");
        }
    }
}
