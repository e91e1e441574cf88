namespace CloudPbx.CallControl.Calls;

/// <summary>Which of several refusals the caller gets (RFC 3261 §16.7 step 6).</summary>
internal static class ForkResult
{
    /// <summary>What the caller gets when every phone refused.</summary>
    /// <param name="statuses">Final statuses of the phones, 300 to 699; 408 for a phone that did not answer at all, 430 for a flow that is gone.</param>
    /// <returns>A status that is fit for the caller: nothing about our own conversation with the phone (401, 407, 430, 503) comes through.</returns>
    public static int Choose(IEnumerable<int> statuses)
    {
        int best = 0;
        foreach (int status in statuses.Select(ForCaller))
            if (best == 0 || Rank(status) < Rank(best))
                best = status;
        return best == 0 ? 480 : best;
    }

    /// <summary>What the caller gets when every phone refused, and why those refused whose answer that is.</summary>
    /// <param name="refusals">Final statuses as above, each with the phone's own reason; null where it gave none.</param>
    public static (int Status, ReleaseCause? Cause) Choose(IReadOnlyList<(int Status, ReleaseCause? Cause)> refusals)
    {
        int status = Choose(refusals.Select(refusal => refusal.Status));
        return (status, refusals.FirstOrDefault(refusal => refusal.Cause is not null && ForCaller(refusal.Status) == status).Cause);
    }

    // A declined call is declined everywhere (6xx first); a busy phone says more than one that is away; 4xx before 5xx.
    private static int Rank(int status) => status switch
    {
        >= 600 => 0,
        486 => 1,
        488 => 2,
        >= 400 and < 500 and not 480 => 3,
        480 => 4,
        _ => 5,
    };

    private static int ForCaller(int status) => status switch
    {
        < 400 => 480,                                   // a redirection that led nowhere
        401 or 407 or 408 or 430 or 481 or 487 => 480,
        403 => 603,                                     // some phones decline with it
        415 or 606 => 488,                              // the offer was ours, not the caller's
        503 => 500,                                     // §16.7: 503 would make the caller give this server up
        _ => status,
    };
}
