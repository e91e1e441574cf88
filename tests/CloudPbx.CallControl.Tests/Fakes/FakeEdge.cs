using System.Collections.Concurrent;
using CloudPbx.CallControl.Links;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>Stands where an edge stands: pops what the worker wrote for it and hands the rest to the phone of that flow.</summary>
internal sealed class FakeEdge : IEdgeSender
{
    public const uint Id = 0x0a0b0c0d;

    private readonly ConcurrentDictionary<string, StubPhone> _phones = new();

    /// <summary>Raised with the 430 for a flow that is gone (RFC 5626 §11.2).</summary>
    public event Action<SipResponse>? FlowFailed;

    /// <summary>The trace contexts that came with messages (W3C <c>traceparent</c>).</summary>
    public ConcurrentQueue<string> Traces { get; } = new();

    /// <summary>The targets that the worker asked for.</summary>
    public ConcurrentQueue<FlowTarget> Opened { get; } = new();

    /// <summary>The edges that were asked for them.</summary>
    public ConcurrentQueue<uint> OpenedBy { get; } = new();

    /// <summary>Whether servers that are not there drop packets, where they would refuse connections else.</summary>
    public bool DropsConnections { get; set; }

    /// <summary>Why no way to a carrier is opened; null: it is.</summary>
    public string? Fault { get; set; }

    /// <summary>Raised with the answer to a worker that asked for the way to a carrier.</summary>
    public event Action<SipResponse>? Answered;

    public IReadOnlyCollection<uint> Ids => Living;

    /// <summary>The edges that are linked.</summary>
    public HashSet<uint> Living { get; } = [Id];

    public EdgeKey Key { get; } = EdgeKey.CreateRandom();

    public void Add(StubPhone phone) => _phones[phone.FlowToken] = phone;

    /// <summary>A connection ends: the token that names it is worth nothing; the next one that is opened has another.</summary>
    public void Break(StubPhone phone)
    {
        Remove(phone);
        phone.Reconnect();
        Add(phone);
    }

    public void Remove(StubPhone phone) => _phones.TryRemove(phone.FlowToken, out _);

    public bool TrySend(uint edgeId, bool orAny, ReadOnlySpan<byte> message)
    {
        if (!Living.Contains(edgeId))
            return false;
        if (SipMessage.TryParse(message, out SipMessage? parsed) != SipParseError.None)
            throw new InvalidOperationException("The worker sent something malformed.");
        _ = SipMessageView.Parse(message, out SipMessageView view);
        if (InnerTrace.Read(view) is { } trace)
            Traces.Enqueue(trace);
        if (parsed is SipRequest { Method.Name: "OPEN" } open)
        {
            Assert.True(FlowTarget.TryRead(open.RequestUri, out FlowTarget? target));
            Opened.Enqueue(target);
            OpenedBy.Enqueue(edgeId);
            StubPhone? carrier = _phones.Values.FirstOrDefault(phone => phone.Remote.Equals(target.Remote) && phone.Transport == target.Transport);
            Answered?.Invoke(carrier is null || Fault is not null ? FlowRequest.Failed(open, Fault ?? (DropsConnections ? "No connection in time" : "Connection refused"), DropsConnections) : FlowRequest.Opened(open, TokenBy(edgeId, carrier)));
            return true;
        }
        if (parsed is SipRequest request)
        {
            NameAddress egress = request.Routes[0];
            request.Headers.RemoveFirst(SipHeaderName.Route);
            if (egress.Uri.Host != InnerNames.EgressHost(edgeId))
                throw new InvalidOperationException("The top Route is not the edge's.");
            if (_phones.TryGetValue(egress.Uri.User!, out StubPhone? callee))
                callee.Deliver(request);
            else
                FlowFailed?.Invoke(SipResponse.For(request, 430, null, "edge"));
            return true;
        }
        string token = parsed!.TopVia.Parameters[InnerNames.FlowParameter] ?? throw new InvalidOperationException("The top Via is not the edge's.");
        parsed.Headers.RemoveFirst(SipHeaderName.Via);
        if (_phones.TryGetValue(token, out StubPhone? phone))
            phone.Deliver(parsed);
        return true;
    }

    private string TokenBy(uint edgeId, StubPhone carrier)
    {
        if (edgeId == Id)
            return carrier.FlowToken;
        string token = carrier.TokenBy(edgeId);
        _phones[token] = carrier;
        return token;
    }
}
