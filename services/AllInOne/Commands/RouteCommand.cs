using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>route</c>: what a call would do, step by step.</summary>
internal static class RouteCommand
{
    private static readonly Argument<string> s_from = new("FROM") { Description = "The calling extension, or the number of a caller from outside as the carrier writes it." };
    private static readonly Argument<string> s_to = new("TO") { Description = "What is dialled, or the called number as the carrier writes it." };
    private static readonly Option<string?> s_trunk = new("--trunk")
    {
        Description = "The trunk that a caller from outside comes by. Default: the trunk of the called number, or the only one there is.",
    };

    private static readonly Option<string?> s_tenant = TenantChoice.OneOption();

    public static Command Build()
    {
        var command = new Command("route", "Print what a call would do, step by step with the rule that decided each. Calls nobody.") { s_from, s_to, s_trunk, s_tenant, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            TenantDto tenant = await TenantChoice.ChooseOneAsync(api, parsed.GetValue(s_tenant), cancel);
            string query = $"from={Uri.EscapeDataString(parsed.GetValue(s_from)!)}&to={Uri.EscapeDataString(parsed.GetValue(s_to)!)}";
            if (parsed.GetValue(s_trunk) is { } trunk) query += $"&trunk={Uri.EscapeDataString(trunk)}";
            RoutingDto answer = await api.GetAsync<RoutingDto>($"tenants/{tenant.Id}/routing?{query}", cancel);
            foreach (string line in RouteText.Lines(answer)) await Console.Out.WriteLineAsync(line);
            return 0;
        });
        return command;
    }
}
