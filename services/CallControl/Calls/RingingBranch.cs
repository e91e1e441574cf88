namespace CloudPbx.CallControl.Calls;

/// <summary>One of those that are called for somebody at the same time: a phone, or a number outside.</summary>
/// <param name="End">Its final status, see <see cref="PhoneAttempt.RunAsync"/> and <see cref="TrunkHunt.RunAsync"/>.</param>
/// <param name="Phone">The phone, or the carrier that another owner of the call asked; null for a number outside.</param>
/// <param name="Hunt">The number outside; null for a phone.</param>
internal readonly record struct RingingBranch(Task<int> End, PhoneAttempt? Phone, TrunkHunt? Hunt)
{
    /// <summary>Why it refused, where it said so.</summary>
    public ReleaseCause? Cause => Phone?.Cause ?? Hunt?.Cause;

    /// <summary>A phone that rings from now on.</summary>
    public static RingingBranch Of(PhoneAttempt attempt) => new(attempt.RunAsync(), attempt, null);

    /// <summary>A number outside that is called from now on.</summary>
    public static RingingBranch Of(TrunkHunt hunt) => new(hunt.RunAsync(), null, hunt);
}
