namespace CloudPbx.Portal.Components;

/// <summary>One thing that happened.</summary>
/// <param name="At">When, after the call began.</param>
/// <param name="Text">What.</param>
/// <param name="Kind">Whether it was good.</param>
public sealed record CallStep(string At, string Text, CallStepKind Kind);

/// <summary>Whether something that happened was good.</summary>
public enum CallStepKind
{
    /// <summary>Neither.</summary>
    Plain,

    /// <summary>It was.</summary>
    Good,

    /// <summary>It was not.</summary>
    Bad,
}
