using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;

namespace CloudPbx.CallControl.Calls;

/// <summary>The first half of a call that a program makes: the phones of the extension that is to call ring, and the one that answers is the caller.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class Origination(Call call, TenantRuntime tenant, CallIdentity identity) : IRinging
{
    private bool _over;

    /// <summary>The phone that answered.</summary>
    public PhoneAttempt? Winner { get; private set; }

    /// <inheritdoc/>
    public LegId? Like => null;

    /// <inheritdoc/>
    public CallIdentity Identity => identity;

    /// <inheritdoc/>
    public CallParty Party => CallParty.Caller;

    /// <inheritdoc/>
    public IReadOnlyList<EdgeFlow> Busy => [];

    /// <inheritdoc/>
    public void Forwarded(string by, string to)
    {
        // Whoever wants to call sits at the extension's own phones: they send nothing on.
    }

    /// <inheritdoc/>
    public void Alerting() => call.Changed();

    /// <inheritdoc/>
    public void Progressing(PhoneAttempt attempt, int status, bool hasMedia, string? answer) => Alerting();

    /// <inheritdoc/>
    public bool TryWin(PhoneAttempt attempt)
    {
        if (_over || Winner is not null)
            return false;
        Winner = attempt;
        call.TakeCaller(attempt.Leg);
        return true;
    }

    /// <summary>Lets the phones ring until one answers, all have refused, the time is up, or somebody ends the call.</summary>
    /// <returns>200 when one answered; else the status that stands for the refusals, 480 where the time was up.</returns>
    public async Task<int> RingAsync(IReadOnlyList<PhoneAttempt> phones, TimeSpan limit, Task<ReleaseCause> release)
    {
        List<Task<int>> ringing = [.. phones.Select(phone => phone.RunAsync())];
        List<int> refusals = [];
        Task timeout = tenant.DelayAsync(limit, out TimerHandle timer);
        while (ringing.Count > 0 && Winner is null)
        {
            Task done = await tenant.Scheduler.FirstOf([.. ringing, timeout, release]);
            if (Winner is not null || done is not Task<int> refusal)
                break;
            ringing.Remove(refusal);
            refusals.Add(await refusal);
            if (refusals[^1] >= 600)
                break;                                            // RFC 3261 §16.7 step 5: a decline is meant for all
        }
        timer.Cancel();
        _over = true;
        ReleaseCause cause = Winner is not null ? ReleaseCause.CompletedElsewhere : release.IsCompletedSuccessfully ? await release : ReleaseCause.NoAnswer;
        foreach (PhoneAttempt phone in phones)
            if (!ReferenceEquals(phone, Winner))
                phone.Stop(cause);
        return Winner is not null ? 200 : ForkResult.Choose(refusals);
    }
}
