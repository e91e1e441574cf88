using CloudPbx.CallControl.Links;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Ladders;

/// <summary>Brings the messages that come to a tenant to the ladders of its calls.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class LadderBook
{
    private readonly Dictionary<LadderKey, LadderLeg> _legs = [];

    /// <summary>How many legs are watched.</summary>
    public int Count => _legs.Count;

    /// <summary>A message came, before anybody handles it. What belongs to no call is none's business.</summary>
    /// <param name="message">The message, parsed without fault.</param>
    /// <param name="flow">Its flow; answers to a request leave by it.</param>
    public void Received(SipMessage message, Flow flow)
    {
        if (_legs.Count == 0 || (message is SipRequest request && request.Method == SipMethod.Register))
            return;
        // Where both are known, a response answers what we sent first, a request comes to what was sent to us first.
        bool ours = message is SipResponse;
        if (!_legs.TryGetValue(new LadderKey(message.CallId, ours), out LadderLeg? leg) && !_legs.TryGetValue(new LadderKey(message.CallId, !ours), out leg))
            return;
        leg.Received(message);
        if (flow is EdgeFlow way)
            way.Witness = leg;
    }

    /// <summary>A leg's messages come to it from now on.</summary>
    public void Watch(LadderLeg leg, LadderKey key)
    {
        Forget(leg);
        leg.Key = key;
        _legs[key] = leg;
    }

    /// <summary>A leg is over, or another one has its dialog.</summary>
    public void Forget(LadderLeg leg)
    {
        if (leg.Key is { } key && _legs.TryGetValue(key, out LadderLeg? known) && ReferenceEquals(known, leg))
            _legs.Remove(key);
    }
}
