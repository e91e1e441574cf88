using System.Diagnostics;
using System.Diagnostics.Metrics;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.TestKit.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class TelemetryTests
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";       // W3C Trace Context §3.2

    [Fact]
    public async Task Messages_are_counted_by_transport_direction_and_kind()
    {
        await using TestEdge edge = await StartAsync();
        using var readings = new MeterReadings(EdgeMetrics.MeterName, edge.Services.GetRequiredService<IMeterFactory>());
        using var udp = new UdpPeer(edge.Udp);
        await udp.SendAsync(Request("REGISTER"));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        await udp.ReceiveAsync();
        using StreamPeer tcp = await StreamPeer.ConnectAsync(edge.Tcp);
        await tcp.SendAsync(Request("REGISTER", "TCP", more: Authorized));
        SipRequest register = await edge.Worker.RequestAsync();
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        string invite = await tcp.ReceiveAsync();
        await tcp.SendAsync(ForwardingTests.ResponseTo(invite, "200 OK"));
        await edge.Worker.ResponseAsync();

        Assert.Equal(1, readings.Value("cloudpbx.edge.messages.received", "network.transport=udp"));
        Assert.Equal(2, readings.Value("cloudpbx.edge.messages.received", "network.transport=tcp"));
        Assert.Equal(1, readings.Value("cloudpbx.edge.messages.forwarded", "direction=inward,kind=request,network.transport=udp"));
        Assert.Equal(1, readings.Value("cloudpbx.edge.messages.forwarded", "direction=outward,kind=response,network.transport=udp"));
        Assert.Equal(1, readings.Value("cloudpbx.edge.messages.forwarded", "direction=outward,kind=request,network.transport=tcp"));
        await Eventually(() => readings.Value("cloudpbx.edge.messages.forwarded", "direction=inward,kind=response,network.transport=tcp") == 1);
        Assert.Equal(1, readings.Value("cloudpbx.edge.connections", "network.transport=tcp"));
        Assert.Equal(1, readings.Value("cloudpbx.edge.worker.links"));
    }

    [Fact]
    public async Task What_is_refused_and_dropped_is_counted_with_its_reason()
    {
        await using TestEdge edge = await StartAsync(defaultTenant: false);
        using var readings = new MeterReadings(EdgeMetrics.MeterName, edge.Services.GetRequiredService<IMeterFactory>());
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE", to: "<sip:100@foreign.example>", uri: "sip:100@foreign.example", from: "<sip:100@foreign.example>;tag=f1"));
        Assert.StartsWith("SIP/2.0 404 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await Eventually(() => readings.Value("cloudpbx.edge.requests.answered", "sip.response.status_code=404") == 1);
        await phone.SendAsync("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
        await Eventually(() => readings.Value("cloudpbx.edge.messages.dropped", "reason=response") == 1);
    }

    [Fact]
    public async Task Every_instrument_is_documented()
    {
        await using TestEdge edge = await StartAsync();
        using var readings = new MeterReadings(EdgeMetrics.MeterName, edge.Services.GetRequiredService<IMeterFactory>());
        DocumentedMetrics.AssertComplete(EdgeMetrics.MeterName, readings.Instruments);
    }

    [Fact]
    public async Task A_traced_message_gets_a_span_and_goes_out_without_its_trace()
    {
        await using TestEdge edge = await StartAsync();
        using var spans = new CollectedSpans(EdgeTrace.SourceName);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER"));
        SipRequest register = await edge.Worker.RequestAsync();
        SipResponse ok = SipResponse.For(register, 200);
        ok.Headers.ReplaceFirst(SipHeaderName.Via, InnerTrace.AddToVia(ok.Headers.GetValues(SipHeaderName.Via)[0], TraceParent));
        edge.Worker.Send(ok);
        string atPhone = await phone.ReceiveAsync();
        Assert.StartsWith("SIP/2.0 200 ", atPhone, StringComparison.Ordinal);
        Assert.DoesNotContain("trace", atPhone, StringComparison.Ordinal);

        string invite = Outward(FlowOf(register), edge.Worker.EdgeId);
        string route = InnerNames.EgressRoute(edge.Worker.EdgeId, FlowOf(register));
        edge.Worker.Send(invite.Replace(route, InnerTrace.AddToRoute(route, TraceParent), StringComparison.Ordinal));
        atPhone = await phone.ReceiveAsync();
        Assert.StartsWith("INVITE ", atPhone, StringComparison.Ordinal);
        Assert.DoesNotContain("trace", atPhone, StringComparison.Ordinal);

        await Eventually(() => spans.Of(TraceParent).Count == 2);
        Assert.Equal(["forward INVITE", "forward response"], spans.Of(TraceParent).Select(span => span.OperationName).Order(StringComparer.Ordinal));
        Assert.All(spans.Of(TraceParent), span => Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToHexString()));
    }

    [Fact]
    public async Task A_phone_cannot_speak_of_traces()
    {
        await using TestEdge edge = await StartAsync();
        using var spans = new CollectedSpans(EdgeTrace.SourceName);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("REGISTER").Replace(";rport", ";trace=" + TraceParent.Replace("0af7", "1af7", StringComparison.Ordinal) + ";rport", StringComparison.Ordinal));
        SipRequest register = await edge.Worker.RequestAsync();
        edge.Worker.Send(SipResponse.For(register, 200));
        await phone.ReceiveAsync();
        Assert.DoesNotContain(spans.Ended, span => span.TraceId.ToHexString().StartsWith("1af7", StringComparison.Ordinal));
    }
}
