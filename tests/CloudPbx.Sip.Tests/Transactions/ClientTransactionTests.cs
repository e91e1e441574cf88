using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Tests.Harness;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Tests.Transactions;

/// <summary>Requests that go out: retransmission, matching, ACK and CANCEL (RFC 3261 §17.1, §9.1, RFC 6026).</summary>
public class ClientTransactionTests
{
    [Fact]
    public void An_INVITE_is_repeated_by_timer_A_until_timer_B()
    {
        using Wire wire = new();
        wire.Send("INVITE");
        wire.Advance(33);
        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5], wire.Sent.Select(sent => Math.Round(sent.At, 1)));
        Assert.Equal([TransactionFault.Timeout], wire.Faults);
        Assert.Equal((0, 6L), (wire.Layer.Count, wire.Layer.Counters.Resent));
    }

    [Fact]
    public void A_non_INVITE_is_repeated_by_timer_E_until_timer_F()
    {
        using Wire wire = new();
        wire.Send("OPTIONS");
        wire.Advance(33);
        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5], wire.Sent.Select(sent => Math.Round(sent.At, 1)));
        Assert.Equal([TransactionFault.Timeout], wire.Faults);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void After_a_100_a_non_INVITE_is_repeated_every_T2()
    {
        using Wire wire = new();
        ClientTransaction transaction = wire.Send("OPTIONS");
        wire.Advance(0.1);
        wire.Respond(transaction, 100);
        wire.Advance(12);
        Assert.Equal([0, 0.5, 4.5, 8.5], wire.Sent.Select(sent => Math.Round(sent.At, 1)));
        wire.Respond(transaction, 200);
        wire.Respond(transaction, 200);
        Assert.Equal([100, 200], wire.Responses.Select(response => response.StatusCode));
        wire.Advance(5.1);                               // timer K
        Assert.Equal(0, wire.Layer.Count);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    public void On_a_reliable_flow_nothing_is_repeated(string method)
    {
        using Wire wire = new(SipTransport.Tcp);
        wire.Send(method);
        wire.Advance(33);
        Assert.Single(wire.Sent);
        Assert.Equal([TransactionFault.Timeout], wire.Faults);
    }

    [Fact]
    public void A_failure_is_acknowledged_as_often_as_it_comes_and_told_once()
    {
        using Wire wire = new();
        ClientTransaction transaction = wire.Send("INVITE");
        wire.Respond(transaction, 486);
        wire.Respond(transaction, 486);
        Assert.Single(wire.Responses);
        List<SipRequest> acks = [.. wire.Sent.Select(sent => sent.Message).OfType<SipRequest>().Where(request => request.Method == SipMethod.Ack)];
        Assert.Equal(2, acks.Count);
        SipRequest ack = acks[0];
        // §17.1.1.3: Via, Route, From, Call-ID and CSeq number of the INVITE, To of the response.
        Assert.Equal(transaction.Branch, Assert.Single(ack.Vias).Branch);
        Assert.Equal(("t", "f", "c", 1u), (ack.To.Tag, ack.From.Tag, ack.CallId, ack.CSeq.Number));
        Assert.Equal("<sip:proxy.test;lr>", ack.Headers.Get(SipHeaderName.Route));
        wire.Advance(32.1);                              // timer D
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void Every_2xx_is_passed_on_for_64_T1_and_then_a_stray()           // RFC 6026 §7.2
    {
        using Wire wire = new();
        ClientTransaction transaction = wire.Send("INVITE");
        wire.Respond(transaction, 180);
        wire.Respond(transaction, 200, "one");
        wire.Respond(transaction, 200, "two");
        wire.Advance(31);
        wire.Respond(transaction, 200, "one");
        Assert.Equal(4, wire.Responses.Count);
        wire.Advance(1.1);
        wire.Respond(transaction, 200, "one");
        Assert.Equal(4, wire.Responses.Count);
        Assert.Single(wire.Strays);
    }

    [Fact]
    public void A_CANCEL_is_a_transaction_of_its_own_with_the_branch_of_its_INVITE()
    {
        using Wire wire = new();
        ClientTransaction transaction = wire.Send("INVITE");
        wire.Respond(transaction, 180);
        transaction.Cancel("SIP;cause=200");
        SipRequest cancel = Assert.IsType<SipRequest>(wire.Sent[^1].Message);
        Assert.Equal(("CANCEL", transaction.Branch, "SIP;cause=200"), (cancel.Method.Name, Assert.Single(cancel.Vias).Branch, cancel.Headers.Get(SipHeaderName.Reason)));
        Assert.Null(cancel.To.Tag);
        Assert.Equal("<sip:proxy.test;lr>", cancel.Headers.Get(SipHeaderName.Route));
        wire.Respond(transaction, 200, method: "CANCEL");        // same branch: matched by the method of CSeq
        Assert.Single(wire.Responses);
        wire.Respond(transaction, 487);
        Assert.Equal(487, wire.Responses[^1].StatusCode);
        wire.Advance(40);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void A_response_of_another_method_or_branch_is_a_stray()
    {
        using Wire wire = new();
        ClientTransaction transaction = wire.Send("OPTIONS");
        wire.Respond(transaction, 200, method: "INFO");
        Assert.Empty(wire.Responses);
        Assert.Single(wire.Strays);
        Assert.Equal(1, wire.Layer.Counters.StrayResponses);
    }

    [Fact]
    public void Our_Via_names_the_flow_and_asks_for_rport()                   // RFC 3581 §3
    {
        using Wire wire = new();
        Via via = wire.Send("OPTIONS").Request.TopVia;
        Assert.Equal(("UDP", "192.0.2.1", 5060), (via.Transport, via.Host, via.Port!.Value));
        Assert.True(via.HasRPort && via.HasRfc3261Branch);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("OPTIONS")]
    public void A_broken_flow_is_told_later(string method)
    {
        using Wire wire = new();
        wire.Flow.IsBroken = true;
        wire.Send(method);
        Assert.Empty(wire.Faults);
        wire.Advance(0.05);
        Assert.Equal([TransactionFault.TransportError], wire.Faults);
        Assert.Equal(0, wire.Layer.Count);
    }

    [Fact]
    public void ACK_has_no_transaction()
    {
        using Wire wire = new();
        Assert.Throws<ArgumentException>(() => wire.Send("ACK"));
        Assert.Throws<InvalidOperationException>(() => wire.Send("OPTIONS").Cancel());
    }
}
