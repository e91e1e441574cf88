using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Webhooks;

namespace CloudPbx.Api.Events;

/// <summary>
/// Which tenants have somebody who wants to know of a call at once. For all others the beginning and the answer of a call are written with its end, in the transaction of its
/// record: they cost no transaction of their own.
/// </summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class EventInterest(WebhookQueue webhooks, TimeProvider time)
{
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(2);
    private static readonly string[] s_atOnce = [EventTypes.CallStarted, EventTypes.CallAnswered];

    private volatile Known? _known;

    /// <summary>A webhook was made or changed here: it is asked for again.</summary>
    public void Changed() => _known = null;

    /// <summary>Whether an event is to be written now.</summary>
    public async Task<bool> WantsAsync(TenantEvent happened, CancellationToken cancel)
    {
        if (!s_atOnce.Contains(happened.Type))
            return true;
        Known? known = _known;
        if (known is null || time.GetElapsedTime(known.ReadAt) > s_life)
        {
            long now = time.GetTimestamp();
            _known = known = new Known(await webhooks.WantingAsync(s_atOnce, cancel), now);
        }
        return known.Tenants.Contains(happened.TenantId);
    }

    private sealed record Known(IReadOnlySet<TenantId> Tenants, long ReadAt);
}
