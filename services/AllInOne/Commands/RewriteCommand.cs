using System.CommandLine;
using CloudPbx.Contracts.Api;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>rewrite</c>: what a trunk's rules make of a number.</summary>
internal static class RewriteCommand
{
    private static readonly Argument<string> s_trunk = new("TRUNK") { Description = "The trunk's name." };
    private static readonly Argument<string> s_number = new("NUMBER") { Description = "The number." };
    private static readonly Option<string> s_list = new("--list")
    {
        Description = "Which rules: calledOut, callerOut, calledIn or callerIn.",
        DefaultValueFactory = _ => "calledOut",
    };

    private static readonly Option<string?> s_tenant = TenantChoice.OneOption();

    public static Command Build()
    {
        var command = new Command("rewrite", "Try out what a trunk's rewriting makes of a number.") { s_trunk, s_number, s_list, s_tenant, RunCommand.Data };
        command.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            TenantDto tenant = await TenantChoice.ChooseOneAsync(api, parsed.GetValue(s_tenant), cancel);
            string number = parsed.GetValue(s_number)!;
            RewriteDto tried = await api.GetAsync<RewriteDto>(
                $"tenants/{tenant.Id}/trunks/{Uri.EscapeDataString(parsed.GetValue(s_trunk)!)}/rewrite?number={Uri.EscapeDataString(number)}&list={Uri.EscapeDataString(parsed.GetValue(s_list)!)}",
                cancel);
            foreach (RewriteStepDto step in tried.Steps) await Console.Out.WriteLineAsync($"{step.Rule} gives {step.Number}");
            await Console.Out.WriteLineAsync(tried.Steps.Count == 0 ? $"No rule of {tried.List} fits: {number} stays as it is." : $"{number} becomes {tried.Number}.");
            return 0;
        });
        return command;
    }
}
