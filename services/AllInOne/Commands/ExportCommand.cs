using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>export</c>: prints a tenant as the document that <c>apply</c> takes.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> s_tenant = new("TENANT") { Description = "The tenant's name." };

    /// <summary>Names of people stay readable, in any script.</summary>
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Build()
    {
        var command = new Command("export", "Print a tenant as a JSON document, passwords included: keep it safe. ./pbx apply takes it.") { s_tenant, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(new Installation(parsed.GetValue(RunCommand.Data)!.FullName));
            JsonElement document = await api.GetAsync<JsonElement>($"tenants/{Uri.EscapeDataString(parsed.GetValue(s_tenant)!)}/document", cancel);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(document, s_json));
            return 0;
        });
        return command;
    }
}
