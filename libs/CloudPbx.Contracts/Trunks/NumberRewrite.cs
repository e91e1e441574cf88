namespace CloudPbx.Contracts.Trunks;

/// <summary>One rule that rewrites a number: by prefix or by pattern, never both. <see cref="NumberRewriter"/> says in which order rules act.</summary>
public sealed record NumberRewrite
{
    /// <summary>Digits (and a leading <c>+</c>) that the number must begin with; the empty one fits every number. They are replaced.</summary>
    public string? Prefix { get; init; }

    /// <summary>A regular expression that the whole number must fit; without look-around and back references, so that its time is linear.</summary>
    public string? Pattern { get; init; }

    /// <summary>What is written instead: of the prefix, or of the whole number with <c>$1</c>, <c>$2</c> … for the pattern's groups.</summary>
    public required string Replacement { get; init; }
}
