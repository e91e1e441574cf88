using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>S4 (CVE-2021-41158): who challenges what we send in a call that he made gets no credentials, though he names the trunk's own realm.</summary>
public sealed class DigestLeakTests : IDisposable
{
    private const string Challenge = "Digest realm=\"carrier.example\", nonce=\"n2\", qop=\"auth\"";

    private readonly CarrierFixture _fixture = new();
    private StubPhone _carrier = null!;
    private SipUri _line = null!;
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;

    private TestTenant Pbx => _fixture.Pbx;

    public enum Owner
    {
        Same,
        AfterMove,
        AfterDeath,
    }

    [Theory]
    [InlineData(false, Owner.Same)]
    [InlineData(true, Owner.Same)]
    [InlineData(true, Owner.AfterMove)]
    [InlineData(false, Owner.AfterDeath)]
    [InlineData(true, Owner.AfterDeath)]
    public async Task S4_our_BYE_in_a_call_that_the_carrier_made_is_not_sent_again_with_credentials(bool byProxy, Owner owner)
    {
        await ReadyAsync();
        SipRequest atBob = await TakeAsync();
        await TakeOverAsync(owner);
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        await AssertUnansweredAsync(await ByeAsync(), byProxy);
    }

    [Theory]
    [InlineData(Owner.Same)]
    [InlineData(Owner.AfterMove)]
    [InlineData(Owner.AfterDeath)]
    public async Task S4_nor_where_the_carriers_leg_has_taken_the_place_of_one_that_we_called(Owner owner)      // RFC 3891
    {
        await ReadyAsync();
        SipRequest dialled = await DialAsync(_alice, "101"), first = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(first, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse toAlice = await _alice.FinalAsync();
        _alice.Ack(dialled, toAlice);
        SipRequest second = await TakeAsync();
        string tag = _bob.InDialogAsCallee(SipMethod.Info, second).From.Tag!;
        SipRequest refer = _bob.InDialogAsCallee(SipMethod.Refer, first);
        refer.Headers.Add(SipHeaderName.ReferTo, $"<sip:102@acme.test?Replaces={Uri.EscapeDataString($"{second.CallId};to-tag={second.From.Tag};from-tag={tag}")}>");
        _bob.Send(refer);
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        await _carrier.RequestAsync(SipMethod.Ack);
        await TakeOverAsync(owner);
        _alice.Send(_alice.InDialog(SipMethod.Bye, dialled, toAlice));
        await AssertUnansweredAsync(await ByeAsync(), byProxy: true);
    }

    [Theory]
    [InlineData(Owner.Same)]
    [InlineData(Owner.AfterMove)]
    [InlineData(Owner.AfterDeath)]
    public async Task What_we_called_is_answered_wherever_it_stands_in_the_call(Owner owner)      // I36: carriers challenge a BYE
    {
        await ReadyAsync();
        SipRequest dialled = await DialAsync(_alice, "101"), atBob = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(atBob, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        SipResponse answer = await _alice.FinalAsync();
        _alice.Ack(dialled, answer);
        SipRequest refer = _alice.InDialog(SipMethod.Refer, dialled, answer);
        refer.Headers.Add(SipHeaderName.ReferTo, "<sip:9+4989222@acme.test>");
        _alice.Send(refer);
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Invite), 200, "v=0 answer");
        await _carrier.RequestAsync(SipMethod.Ack);
        await TakeOverAsync(owner);
        _bob.Send(_bob.InDialogAsCallee(SipMethod.Bye, atBob));
        SipRequest bye = await ByeAsync();
        _carrier.Answer(bye, 407, null, ("Proxy-Authenticate", Challenge));
        SipRequest again = await _carrier.RequestAsync(SipMethod.Bye);
        Assert.Contains("nonce=\"n2\"", again.Headers.Get(SipHeaderName.ProxyAuthorization), StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    private async Task AssertUnansweredAsync(SipRequest bye, bool byProxy)
    {
        Assert.False(bye.Headers.Has(SipHeaderName.Authorization) || bye.Headers.Has(SipHeaderName.ProxyAuthorization));
        _carrier.Answer(bye, byProxy ? 407 : 401, null, (byProxy ? "Proxy-Authenticate" : "WWW-Authenticate", Challenge));
        await Pbx.SettleAsync();
        Assert.True(_carrier.HasNothing);
    }

    // The realm is the line's: the registrar named it.
    private async Task ReadyAsync()
    {
        _carrier = _fixture.Carrier("carrier", "198.51.100.1", TrunkKind.Registered, account: "acct", defaultExtension: "101");
        await _fixture.ApplyAsync();
        _carrier.Answer(await _carrier.RequestAsync(SipMethod.Register), 401, null, ("WWW-Authenticate", Challenge.Replace("n2", "n1", StringComparison.Ordinal)));
        SipRequest register = await _carrier.RequestAsync(SipMethod.Register);
        Assert.True(register.Headers.Has(SipHeaderName.Authorization));
        _carrier.Answer(register, 200, null, ("Contact", $"{register.Contacts[0]};expires=3600"));
        _line = register.Contacts[0].Uri;
        (_alice, _bob) = (await Pbx.RegisteredAsync("100"), await Pbx.RegisteredAsync("101"));
    }

    // A call of the carrier's that bob answers.
    private async Task<SipRequest> TakeAsync()
    {
        SipRequest invite = _carrier.Request(SipMethod.Invite, _line.ToString(), "v=0 offer", ("From", "<sip:+4989444@carrier.example>;tag=c1"), ("To", "<sip:acct@carrier.example>"));
        _carrier.Send(invite);
        SipRequest at = await _bob.RequestAsync(SipMethod.Invite);
        _bob.Answer(at, 200, "v=0 answer");
        await _bob.RequestAsync(SipMethod.Ack);
        _carrier.Ack(invite, await _carrier.FinalAsync());
        await Pbx.SettleAsync();
        return at;
    }

    private async Task TakeOverAsync(Owner owner)
    {
        await Pbx.SettleAsync();
        if (owner == Owner.AfterMove)
            await Pbx.MoveAsync();
        else if (owner == Owner.AfterDeath)
            await Pbx.KillAsync();
        await Pbx.SettleAsync();
    }

    // The next owner registers the line anew.
    private async Task<SipRequest> ByeAsync()
    {
        while (true)
        {
            if (await _carrier.ReceiveAsync() is not SipRequest request)
                continue;
            if (request.Method == SipMethod.Bye)
                return request;
            Assert.Equal(SipMethod.Register, request.Method);
            _carrier.Answer(request, 200, null, ("Contact", $"{request.Contacts[0]};expires=3600"));
        }
    }

    private async Task<SipRequest> DialAsync(StubPhone phone, string number)
    {
        SipRequest invite = phone.Request(SipMethod.Invite, $"sip:{number}@{Pbx.Domain}", "v=0 phone's offer");
        phone.Send(invite);
        SipResponse challenge = await phone.ResponseAsync();
        phone.Ack(invite, challenge);
        SipRequest again = phone.Again(invite, challenge);
        phone.Send(again);
        return again;
    }
}
