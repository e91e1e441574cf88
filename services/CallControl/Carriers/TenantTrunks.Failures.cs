using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What became of the calls by a tenant's trunks. Kept until the tenant moves, or the trunk gets another server.</summary>
internal sealed partial class TenantTrunks
{
    private readonly Dictionary<TrunkId, (TrunkSettings Of, CallFailure What)> _failures = [];

    /// <summary>The last call that a trunk's carrier did not take; null where it took all.</summary>
    public CallFailure? FailureOf(TrunkId trunk) => _failures.TryGetValue(trunk, out (TrunkSettings Of, CallFailure What) known) ? known.What : null;

    /// <summary>A trunk's carrier did not take a call, for reasons of its own.</summary>
    public void CallFailed(TrunkSettings trunk, CarrierRefusal why) => _failures[trunk.Id] = (trunk, new CallFailure(_worker.Time.GetUtcNow().UtcDateTime, why));

    /// <summary>A trunk's carrier took a call, whatever the callee said then.</summary>
    public void CallTaken(TrunkSettings trunk)
    {
        if (FailureOf(trunk.Id) is { AgainSince: null } failure)
            _failures[trunk.Id] = (trunk, failure with { AgainSince = _worker.Time.GetUtcNow().UtcDateTime });
    }

    private void ApplyFailures(TenantConfiguration configuration)
    {
        foreach ((TrunkId trunk, (TrunkSettings of, _)) in _failures)
            if (!configuration.Trunks.TryGetValue(trunk, out TrunkSettings? settings) || (settings.Server, settings.OutboundProxy) != (of.Server, of.OutboundProxy))
                _failures.Remove(trunk);
    }
}
