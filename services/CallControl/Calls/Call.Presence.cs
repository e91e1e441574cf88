using CloudPbx.CallControl.Presence;
using CloudPbx.Contracts.Live;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the call's phones do, for those who watch.</summary>
internal sealed partial class Call
{
    /// <summary>The phones that ring, call or talk in it now; carriers' legs are no phones.</summary>
    public IEnumerable<LegActivity> Activities()
    {
        foreach (CallLeg leg in _legs)
        {
            if (leg.Carrier is null && ActivityOf(leg) is { } state)
                yield return new LegActivity(leg.Extension, state);
        }
    }

    private ExtensionState? ActivityOf(CallLeg leg) => leg switch
    {
        { Dialog.IsEnded: false } => ExtensionState.Talking,
        _ when ReferenceEquals(leg, _caller) && _invite is { IsPending: true } => ExtensionState.Calling,
        _ when IsRinging(leg) => ExtensionState.Ringing,
        _ => null,
    };

    private bool IsRinging(CallLeg leg) =>
        Array.Exists(_attempts, attempt => ReferenceEquals(attempt.Leg, leg) && attempt.IsPending) || _transfer?.IsRinging(leg) == true;
}
