namespace CloudPbx.Contracts.Trunks;

/// <summary>How numbers are rewritten between a carrier's form and ours, which is E.164 with a leading <c>+</c>.</summary>
public sealed record NumberFormats
{
    /// <summary>The number that a caller from outside called.</summary>
    public IReadOnlyList<NumberRewrite> CalledIn { get; init; } = [];

    /// <summary>The number of a caller from outside.</summary>
    public IReadOnlyList<NumberRewrite> CallerIn { get; init; } = [];

    /// <summary>The number that one of ours calls.</summary>
    public IReadOnlyList<NumberRewrite> CalledOut { get; init; } = [];

    /// <summary>The number of ours that is shown outside.</summary>
    public IReadOnlyList<NumberRewrite> CallerOut { get; init; } = [];
}
