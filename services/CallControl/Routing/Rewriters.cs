using System.Runtime.CompilerServices;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.CallControl.Routing;

/// <summary>The rewriter of each list of rules, made once: configurations are immutable, and a rewriter lives as long as its list.</summary>
internal static class Rewriters
{
    private static readonly ConditionalWeakTable<IReadOnlyList<NumberRewrite>, NumberRewriter> s_rewriters = [];

    /// <summary>Rewrites a number and notes each rule that acted.</summary>
    public static string Rewrite(this IReadOnlyList<NumberRewrite> rules, string number, RouteTrail trail, string rule) =>
        rules.Count == 0
            ? number
            : s_rewriters.GetValue(rules, list => new NumberRewriter(list))
                .Rewrite(number, (acted, after) => trail.Add(rule, $"{acted.Prefix ?? acted.Pattern} gives {after}"));
}
