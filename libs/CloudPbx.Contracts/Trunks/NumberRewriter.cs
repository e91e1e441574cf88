using System.Text.RegularExpressions;

namespace CloudPbx.Contracts.Trunks;

/// <summary>
/// Rewrites numbers by rules. First the rule with the longest fitting prefix replaces that prefix, then the first rule whose pattern fits the whole
/// of what came of it replaces the number. Each acts once, so that no rule can feed itself.
/// </summary>
/// <remarks>Immutable, thread-safe. Patterns run on an engine without back-tracking: their time is linear in the number's length.</remarks>
public sealed class NumberRewriter
{
    /// <summary>The longest number that is looked at; longer ones are left as they are.</summary>
    public const int MaximumLength = 64;

    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private readonly NumberRewrite[] _byPrefix;
    private readonly (NumberRewrite Rule, Regex Pattern)[] _byPattern;

    /// <summary>Takes rules.</summary>
    /// <param name="rules">The rules; those that <see cref="Check"/> refuses are left out.</param>
    public NumberRewriter(IReadOnlyList<NumberRewrite> rules)
    {
        _byPrefix = [.. rules.Where(rule => rule.Prefix is not null && rule.Pattern is null).OrderByDescending(rule => rule.Prefix!.Length)];
        _byPattern = [.. rules.Where(rule => rule.Prefix is null && rule.Pattern is not null && Check(rule) is null).Select(rule => (rule, Compile(rule.Pattern!)))];
    }

    /// <summary>Says what is wrong with a rule, or nothing.</summary>
    /// <param name="rule">The rule.</param>
    public static string? Check(NumberRewrite rule)
    {
        if (rule.Prefix is null == rule.Pattern is null)
            return "Must have either a prefix or a pattern.";
        if (rule.Pattern is null)
            return null;
        Regex pattern;
        try
        {
            _ = new Regex(rule.Pattern, Options);                                       // by itself first: a stray parenthesis must not close ours
            pattern = Compile(rule.Pattern);
        }
        catch (NotSupportedException)
        {
            return "The pattern must not look around, refer back or repeat thousands of times: (?=…), (?!…), (?<=…) and \\1 are not allowed, since its time must be linear.";
        }
        catch (ArgumentException fault)
        {
            return $"The pattern is no regular expression: {fault.Message}";
        }
        try
        {
            pattern.Replace("", rule.Replacement);                        // read before anything is looked for
            return null;
        }
        catch (ArgumentException fault)
        {
            return $"The replacement cannot be read: {fault.Message}";
        }
    }

    /// <summary>Rewrites a number.</summary>
    /// <param name="number">The number.</param>
    public string Rewrite(string number) => Rewrite(number, null);

    /// <summary>Rewrites a number and tells which rules did it.</summary>
    /// <param name="number">The number.</param>
    /// <param name="acted">Hears of each rule that acted, and of the number after it.</param>
    public string Rewrite(string number, Action<NumberRewrite, string>? acted)
    {
        if (number.Length > MaximumLength)
            return number;
        foreach (NumberRewrite rule in _byPrefix)
        {
            if (!number.StartsWith(rule.Prefix!, StringComparison.Ordinal))
                continue;
            number = string.Concat(rule.Replacement, number.AsSpan(rule.Prefix!.Length));
            acted?.Invoke(rule, number);
            break;
        }
        foreach ((NumberRewrite rule, Regex pattern) in _byPattern)
        {
            Match match = pattern.Match(number);
            if (!match.Success)
                continue;
            number = match.Result(rule.Replacement);
            acted?.Invoke(rule, number);
            break;
        }
        return number;
    }

    // The whole number: a pattern that fits a part would rewrite numbers that nobody thought of.
    private static Regex Compile(string pattern) => new($@"\A(?:{pattern})\z", Options, Regex.InfiniteMatchTimeout);
}
