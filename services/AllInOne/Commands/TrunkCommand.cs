using System.CommandLine;
using System.CommandLine.Parsing;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>trunk check</c>: tries a trunk against its carrier.</summary>
internal static class TrunkCommand
{
    private static readonly Argument<string> s_name = new("NAME") { Description = "The trunk's name." };
    private static readonly Option<string?> s_call = new("--call") { Description = "A number to call for a test, in the carrier's form; it rings for some seconds and is hung up. May cost money." };
    private static readonly Option<string?> s_tenant = TenantChoice.OneOption();

    private static readonly Option<bool> s_platform = new("--platform") { Description = "The trunk is one of the platform's, which tenants share." };
    private static readonly Option<string?> s_reseller = new("--reseller") { Description = "The trunk is one of this reseller's, which its tenants share.", HelpName = "NAME" };

    public static Command Build()
    {
        var check = new Command("check", "Try a trunk against its carrier: names, connections, registration, OPTIONS, a test call. Prints which settings the answers suggest.") { s_name, s_call, s_tenant, s_platform, s_reseller, RunCommand.Data };
        check.Validators.Add(Validate);
        check.SetAction(async (parsed, cancel) =>
        {
            using ApiClient api = ApiClient.Connect(parsed);
            string owner = parsed.GetValue(s_platform) ? "platform"
                : parsed.GetValue(s_reseller) is { } reseller ? $"resellers/{Uri.EscapeDataString(reseller)}"
                : $"tenants/{(await TenantChoice.ChooseOneAsync(api, parsed.GetValue(s_tenant), cancel)).Id}";
            string query = parsed.GetValue(s_call) is { } number ? $"?number={Uri.EscapeDataString(number)}" : "";
            TrunkCheckDto found = await api.PostAsync<TrunkCheckDto>($"{owner}/trunks/{Uri.EscapeDataString(parsed.GetValue(s_name)!)}/check{query}", cancel);
            foreach (string line in Lines(found)) await Console.Out.WriteLineAsync(line);
            return found.Steps.Any(step => step.Outcome == TrunkCheckOutcome.Bad) ? 1 : 0;
        });
        return new Command("trunk", "Try a trunk against its carrier.") { check };
    }

    private static void Validate(CommandResult result)
    {
        if (new Option[] { s_tenant, s_platform, s_reseller }.Count(option => result.GetResult(option) is { Implicit: false }) > 1)
            result.AddError("A trunk is a tenant's, the platform's or a reseller's: one of --tenant, --platform and --reseller.");
    }

    /// <summary>A line for each step, and behind them the suggestions.</summary>
    internal static IEnumerable<string> Lines(TrunkCheckDto found)
    {
        foreach (TrunkCheckStepDto step in found.Steps)
            yield return $"{Word(step.Outcome),-4} {step.Step,-12} {step.Text}";
        if (found.Suggestions.Count == 0)
            yield break;
        yield return "";
        yield return "The answers suggest:";
        foreach (TrunkCheckSuggestionDto suggestion in found.Suggestions)
            yield return $"  {suggestion.Setting}{(suggestion.Value.Length == 0 ? "" : $": {suggestion.Value}")}  ({suggestion.Reason})";
    }

    private static string Word(TrunkCheckOutcome outcome) => outcome switch
    {
        TrunkCheckOutcome.Good => "ok",
        TrunkCheckOutcome.Doubtful => "look",
        _ => "FAIL",
    };
}
