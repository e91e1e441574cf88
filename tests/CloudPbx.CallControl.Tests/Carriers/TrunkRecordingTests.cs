using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>Which calls of a trunk are recorded because the trunk says so.</summary>
public sealed class TrunkRecordingTests : IDisposable
{
    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    private IEnumerable<string> Recorded => Pbx.Media.Commands.Where(command => command.StartsWith("record ", StringComparison.Ordinal));

    [Theory]
    [InlineData(RecordingPolicy.Off, false)]
    [InlineData(RecordingPolicy.Always, true)]
    [InlineData(RecordingPolicy.Inbound, true)]
    [InlineData(RecordingPolicy.Outbound, false)]
    public async Task A_call_that_a_carrier_brings_is_inbound(RecordingPolicy policy, bool recorded)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", recording: policy);
        _fixture.Number("+49301000", "101");
        await _fixture.ApplyAsync();
        StubPhone bob = await Pbx.RegisteredAsync("101");
        SipRequest invite = carrier.Request(SipMethod.Invite, "sip:+49301000@pbx.test", "v=0 carrier's offer", ("From", "<sip:+4989222@carrier.example>;tag=c1"));
        carrier.Send(invite);
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 phone's answer");
        carrier.Ack(invite, await carrier.FinalAsync());
        await bob.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal(recorded ? ["record 0 1"] : [], Recorded);
        Assert.Equal((recorded, recorded), (Pbx.Media.Policies[0].DecodableOnly, Pbx.Media.Policies[1].DecodableOnly));
    }

    [Theory]
    [InlineData(RecordingPolicy.Off, false)]
    [InlineData(RecordingPolicy.Always, true)]
    [InlineData(RecordingPolicy.Inbound, false)]
    [InlineData(RecordingPolicy.Outbound, true)]
    public async Task A_call_that_leaves_by_a_carrier_is_outbound(RecordingPolicy policy, bool recorded)
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", recording: policy);
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        StubPhone alice = await Pbx.RegisteredAsync("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("9+4989222");
        carrier.Answer(await carrier.RequestAsync(SipMethod.Invite), 200, "v=0 carrier's answer");
        (SipResponse answer, SipRequest dialled) = await dialling;
        alice.Ack(dialled, answer);
        await carrier.RequestAsync(SipMethod.Ack);
        await Pbx.SettleAsync();
        Assert.Equal(recorded ? ["record 0 1"] : [], Recorded);
        Assert.Equal(recorded, Pbx.Media.Policies[1].DecodableOnly);         // the caller is answered as the carrier was offered
    }

    public void Dispose() => _fixture.Dispose();
}
