using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What became of the calls by a tenant's trunks. Kept until the trunk gets another server; a new owner takes a week of it over.</summary>
internal sealed partial class TenantTrunks
{
    private readonly Dictionary<TrunkId, (string Carrier, CallFailure What)> _failures = [];

    /// <summary>The last call that a trunk's carrier did not take; null where it took all.</summary>
    public CallFailure? FailureOf(TrunkId trunk) => _failures.TryGetValue(trunk, out (string Carrier, CallFailure What) known) ? known.What : null;

    /// <summary>A trunk's carrier did not take a call, for reasons of its own.</summary>
    public void CallFailed(TrunkSettings trunk, CarrierRefusal why) => Note(trunk, new CallFailure(_worker.Time.GetUtcNow().UtcDateTime, why));

    /// <summary>A trunk's carrier took a call, whatever the callee said then.</summary>
    public void CallTaken(TrunkSettings trunk)
    {
        if (FailureOf(trunk.Id) is { AgainSince: null } failure)
            Note(trunk, failure with { AgainSince = _worker.Time.GetUtcNow().UtcDateTime });
    }

    private void Note(TrunkSettings trunk, CallFailure failure)
    {
        _failures[trunk.Id] = (TrunkNote.CarrierOf(trunk), failure);
        _notes.Changed(trunk.Id);
    }

    private void ApplyFailures(TenantConfiguration configuration)
    {
        foreach ((TrunkId trunk, (string carrier, _)) in _failures)
        {
            if (configuration.Trunks.TryGetValue(trunk, out TrunkSettings? settings) && TrunkNote.CarrierOf(settings) == carrier)
                continue;
            _failures.Remove(trunk);
            _notes.Changed(trunk);
        }
    }
}
