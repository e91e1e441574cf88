using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

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
            JsonNode document = await api.GetAsync<JsonNode>($"tenants/{Uri.EscapeDataString(parsed.GetValue(s_tenant)!)}/document", cancel);
            Trim(document);
            await Console.Out.WriteLineAsync(document.ToJsonString(s_json));
            return 0;
        });
        return command;
    }

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
