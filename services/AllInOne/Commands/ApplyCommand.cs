using System.CommandLine;
using System.Text.Json;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>apply</c>: brings a tenant to the state that a document describes.</summary>
internal static class ApplyCommand
{
    private static readonly Argument<string> s_file = new("FILE") { Description = "The tenant as a JSON document (what ./pbx export writes); - reads it from standard input." };

    public static Command Build()
    {
        var command = new Command("apply", "Create or change a tenant as a JSON document says. Applying the same document again changes nothing.") { s_file, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            string file = parsed.GetValue(s_file)!;
            string json = await ReadAsync(file, cancel);
            using ApiClient api = ApiClient.Connect(parsed);
            ApplyReport report;
            try
            {
                report = await api.PutAsync<ApplyReport>($"tenants/{Uri.EscapeDataString(NameIn(json, file))}/document", json, cancel);
            }
            catch (ApiException e)
            {
                throw new StartException($"{file}: {e.Message}");
            }
            foreach (string change in report.Changes) await Console.Out.WriteLineAsync(change);
            await Console.Out.WriteLineAsync(report.Changed ? $"Tenant {report.Name} is as {file} says (version {report.ConfigVersion})." : $"Tenant {report.Name} was so already; nothing changed.");
            if (report.GeneratedSecrets.Count > 0)
            {
                var table = new TextTable("Extension", "Device", "User", "Password (generated)");
                foreach (GeneratedSecret made in report.GeneratedSecrets) table.Add(made.Extension, made.Device, made.AuthUser, made.Secret);
                table.WriteTo(Console.Out);
            }
            return 0;
        });
        return command;
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            return file == "-" ? await Console.In.ReadToEndAsync(cancel) : await File.ReadAllTextAsync(file, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {e.Message}");
        }
    }

    /// <summary>The tenant's name, which is part of the resource's address; everything else the API checks.</summary>
    private static string NameIn(string json, string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("name", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text
                ? text
                : throw new StartException($"{file}: $.name: the tenant's name is missing.");
        }
        catch (JsonException e)
        {
            throw new StartException($"{file}: line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}: this is not JSON. {e.Message}");
        }
    }
}
