namespace CloudPbx.TestKit.Carriers;

/// <summary>What a carrier keeps of a dialog to send further requests in it (RFC 3261 §12): each script may change any of it.</summary>
public sealed class RawDialog
{
    private readonly HostileCarrier _carrier;

    internal RawDialog(HostileCarrier carrier, RawMessage message, string tag)
    {
        _carrier = carrier;
        Call = message["Call-ID"];
        Target = message.Target;
        if (message.IsRequest)
            (Local, Remote, Routes) = (message["To"] + (tag.Length == 0 ? "" : ";tag=" + tag), message["From"], message.All("Record-Route"));
        else
            (Local, Remote, Routes) = (message["From"], message["To"], [.. message.All("Record-Route").Reverse()]);      // RFC 3261 §12.1.2
        Sequence = message.IsRequest ? 0 : message.Sequence;
    }

    /// <summary>The Call-ID.</summary>
    public string Call { get; set; }

    /// <summary>The carrier's own address with its tag.</summary>
    public string Local { get; set; }

    /// <summary>The product's.</summary>
    public string Remote { get; set; }

    /// <summary>The Request-URI.</summary>
    public string Target { get; set; }

    /// <summary>The route set.</summary>
    public IReadOnlyList<string> Routes { get; set; }

    /// <summary>The last CSeq that was used.</summary>
    public int Sequence { get; set; }

    /// <summary>Sends a request with the next CSeq.</summary>
    /// <param name="method">The method.</param>
    /// <param name="fields">Further lines.</param>
    /// <param name="body">A body; a session description unless <paramref name="fields"/> say otherwise.</param>
    public void Send(string method, string fields = "", string body = "") => Send(method, ++Sequence, fields, body);

    /// <summary>Acknowledges a 2xx of the product's.</summary>
    /// <param name="body">The answer to an offer in that.</param>
    public void Ack(string body = "") => Send("ACK", Sequence, "", body);

    private void Send(string method, int sequence, string fields, string body) => _carrier.Send(
        $"""
        {method} {Target} SIP/2.0
        Via: SIP/2.0/[transport] [local];branch=[branch];rport
        Max-Forwards: 70
        {string.Concat(Routes.Select(route => $"Route: {route}\n"))}From: {Local}
        To: {Remote}
        Call-ID: {Call}
        CSeq: {sequence} {method}
        {HostileCarrier.Rest(fields, body)}
        """);
}
