using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>A dry run of the routing in words.</summary>
internal static class RoutingWords
{
    /// <summary>A step; a rule that this version does not know says itself.</summary>
    public static string Sentence(Texts texts, RoutingStepDto step) =>
        texts.Find("rule." + step.Rule) is { } sentence ? string.Format(CultureInfo.CurrentCulture, sentence, step.Value) : $"{step.Rule}: {step.Value}";

    /// <summary>What comes of the steps.</summary>
    public static IEnumerable<string> Outcome(Texts texts, RoutingDto answer)
    {
        if (answer.Status is { } status)
        {
            yield return texts["dryrun.refused", status];
            yield break;
        }
        for (int i = 0; i < answer.Trunks.Count; i++)
        {
            RoutingTrunkDto trunk = answer.Trunks[i];
            yield return texts[
                (i == 0, trunk.CallerNumber is null) switch { (true, false) => "dryrun.sent", (true, true) => "dryrun.sent-hidden", (false, false) => "dryrun.then", _ => "dryrun.then-hidden" },
                trunk.Trunk, trunk.CalledNumber, trunk.CallerNumber];
        }
        if (answer.Trunks.Count > 1)
            yield return texts["dryrun.failover", string.Join(", ", answer.FailoverOn)];
        if (answer.Trunks.Count == 0)
            yield return answer.Extension is { } extension ? texts[answer.CallerNumber is { Length: > 0 } ? "dryrun.rings-shown" : "dryrun.rings", extension, answer.CallerNumber]
                : answer.Conference is { } conference ? texts["dryrun.conference", conference]
                : texts["dryrun.echo"];
    }
}
