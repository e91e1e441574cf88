namespace CloudPbx.CallControl.Calls;

/// <summary>One of those that are called for somebody at the same time: a phone, or a number outside.</summary>
/// <param name="End">Its final status, see <see cref="PhoneAttempt.RunAsync"/> and <see cref="TrunkHunt.RunAsync"/>.</param>
/// <param name="Phone">The phone, or the carrier that another owner of the call asked; null for a number outside.</param>
internal readonly record struct RingingBranch(Task<int> End, PhoneAttempt? Phone)
{
    /// <summary>A phone that rings from now on.</summary>
    public static RingingBranch Of(PhoneAttempt attempt) => new(attempt.RunAsync(), attempt);

    /// <summary>A number outside that is called from now on.</summary>
    public static RingingBranch Of(TrunkHunt hunt) => new(hunt.RunAsync(), null);
}
