namespace CloudPbx.CallControl.Calls;

/// <summary>Calls for help: who watches over the tenant hears of them (SECURITY.md S36).</summary>
internal sealed partial class Call
{
    /// <summary>Tells of a call to an emergency number, and of nothing else. The call does not depend on whether anybody hears.</summary>
    /// <param name="use">Who called, and which number.</param>
    /// <param name="state"><c>calling</c>, <c>answered</c>, <c>failed</c> or <c>cancelled</c>.</param>
    /// <param name="trunk">By which trunk somebody answered.</param>
    /// <param name="status">Why nobody did: a SIP status; 0 where there is none to tell.</param>
    public void TellOfHelp(OutsideUse use, string state, string? trunk = null, int status = 0)
    {
        if (!use.IsEmergency)
            return;
        try
        {
            _tenant.News.CallsForHelp(this, use.Payer, use.Number, state, trunk, status);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotTold(Id.ToString(), state, e);
        }
    }

    // Who told that it began, an earlier owner's hunt, cannot tell how it ended.
    private void TellOfRestoredHelp(PhoneAttempt? answered)
    {
        foreach (PhoneAttempt attempt in _attempts)
        {
            if (attempt.Leg.Use is not { } use)
                continue;
            if (ReferenceEquals(attempt, answered))
                TellOfHelp(use, "answered", attempt.Leg.Carrier?.Trunk.Name);
            else
                TellOfHelp(use, attempt.Status is 0 or 487 ? "cancelled" : "failed", status: attempt.Status);
        }
    }

    [LoggerMessage(LogLevel.Error, "Call {CallId}: nobody was told that a call for help is {State}")]
    private partial void LogNotTold(string callId, string state, Exception e);
}
