using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.TestKit;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Several phones of one extension, and the form of encryption that each of them takes.</summary>
public sealed class ForkTests : IDisposable
{
    private TestTenant _tenant = new();

    [Fact]
    public async Task All_phones_ring_the_first_answer_wins_and_the_others_learn_why()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atDesk = await desk.RequestAsync(SipMethod.Invite);
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        Assert.NotEqual(atDesk.CallId, atMobile.CallId);
        desk.Answer(atDesk, 180);
        mobile.Answer(atMobile, 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        mobile.Answer(atMobile, 200, "v=0 mobile's answer");
        await mobile.RequestAsync(SipMethod.Ack);
        SipRequest cancel = await desk.RequestAsync(SipMethod.Cancel);
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", cancel.Headers.Get(SipHeaderName.Reason));
        desk.Answer(cancel, 200);
        desk.Answer(atDesk, 487);
        SipResponse answer = await alice.ResponseAsync();                  // one 180 only
        Assert.Equal(200, answer.StatusCode);
    }

    [Fact]
    public async Task S13_one_call_rings_twenty_phones_at_most()           // RFC 5393 §5.3.3
    {
        using TestTenant tenant = new(configure: options => options.MaximumContacts = 30);
        List<StubPhone> phones = [];
        for (int i = 0; i < 25; i++)
            phones.Add(await tenant.RegisteredAsync("101"));
        _ = tenant.Phone("100").DialAsync("101");
        for (int i = 0; i < 200 && phones.Count(phone => !phone.HasNothing) < 20; i++)
            await tenant.SettleAsync();
        await tenant.SettleAsync();
        Assert.Equal(20, phones.Count(phone => !phone.HasNothing));
    }

    [Fact]
    public async Task Two_answers_at_once_leave_one_call()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atDesk = await desk.RequestAsync(SipMethod.Invite);
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        desk.Answer(atDesk, 200, "v=0 desk's answer");
        mobile.Answer(atMobile, 200, "v=0 mobile's answer");
        await desk.RequestAsync(SipMethod.Ack);
        await mobile.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await dialling).Response.StatusCode);
        await _tenant.SettleAsync();
        StubPhone loser = desk.HasNothing ? mobile : desk;
        loser.Answer(await loser.RequestAsync(SipMethod.Bye), 200);
        Assert.True((loser == desk ? mobile : desk).HasNothing);
    }

    [Fact]
    public async Task One_busy_phone_does_not_stop_the_other_but_a_decline_does()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        mobile.Answer(atMobile, 180);
        desk.Answer(await desk.RequestAsync(SipMethod.Invite), 486);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        await _tenant.SettleAsync();
        Assert.Equal(SipMethod.Ack, (await desk.RequestAsync(SipMethod.Ack)).Method);
        Assert.True(alice.HasNothing);
        mobile.Answer(atMobile, 603);                                      // RFC 3261 §16.7 step 5
        Assert.Equal(603, (await alice.FinalAsync()).StatusCode);
        Assert.Equal(CallDisposition.Rejected, (await _tenant.RecordAsync()).Disposition);
    }

    [Theory]
    [InlineData(600, "SIP;cause=600;text=\"Busy Everywhere\"")]
    [InlineData(603, "SIP;cause=603;text=\"Decline\"")]
    public async Task The_phones_that_a_decline_stops_learn_of_it(int status, string reason)            // RFC 3326 §2
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        Task dialling = _tenant.Phone("100").DialAsync("101");
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        mobile.Answer(atMobile, 180);
        desk.Answer(await desk.RequestAsync(SipMethod.Invite), status, null, ("Reason", "Q.850;cause=21"));
        Assert.Equal(reason, (await mobile.RequestAsync(SipMethod.Cancel)).Headers.Get(SipHeaderName.Reason));
        mobile.Answer(atMobile, 487);
        await dialling;
    }

    [Theory]
    [InlineData(486, "Q.850;cause=17", 486, "Q.850;cause=17")]
    [InlineData(603, "Q.850;cause=21", 603, "Q.850;cause=21")]             // RFC 3261 §16.7 step 5
    [InlineData(486, null, 486, null)]                                     // another's reason is none of its
    public async Task The_caller_hears_the_reason_of_the_phone_whose_answer_it_gets(int status, string? reason, int expected, string? told)      // RFC 3326
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        SipRequest atDesk = await desk.RequestAsync(SipMethod.Invite);
        await _tenant.AdvanceAsync(TimeSpan.FromMilliseconds(600));        // sooner it would mean the form of the offer
        desk.Answer(atDesk, 480, null, ("Reason", "Q.850;cause=20"));
        await desk.RequestAsync(SipMethod.Ack);
        mobile.Answer(atMobile, status, null, reason is null ? [] : [("Reason", reason)]);
        SipResponse final = (await dialling).Response is { IsProvisional: false } early ? early : await alice.FinalAsync();
        Assert.Equal((expected, told), (final.StatusCode, final.Headers.Get(SipHeaderName.Reason)));
        Assert.Equal(told is null ? null : int.Parse(told[12..], System.Globalization.CultureInfo.InvariantCulture), (await _tenant.RecordAsync()).Q850Cause);
    }

    [Fact]
    public async Task A_phone_that_gives_no_sign_for_8_s_is_not_there()
    {
        await _tenant.RegisteredAsync("101");                              // switched off without a word
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        mobile.Answer(await mobile.RequestAsync(SipMethod.Invite), 486);
        await mobile.RequestAsync(SipMethod.Ack);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(7));
        Assert.Empty(_tenant.Records);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        SipResponse final = (await dialling).Response is { IsProvisional: false } early ? early : await alice.FinalAsync();
        Assert.Equal(486, final.StatusCode);
    }

    [Theory]
    [InlineData("2", 2)]
    [InlineData("0", 0)]
    public async Task An_INVITE_rings_no_longer_than_its_Expires_says(string expires, int seconds)      // RFC 3261 §13.3.1
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.TryAsync(alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("Expires", expires)));
        SipRequest? atBob = null;
        if (seconds > 0)
        {
            atBob = await bob.RequestAsync(SipMethod.Invite);
            bob.Answer(atBob, 180);
            Assert.Equal(180, (await dialling).Response.StatusCode);
            await _tenant.AdvanceAsync(TimeSpan.FromSeconds(seconds - 1));
            Assert.Empty(_tenant.Records);
        }
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1.1));
        SipResponse final = (await dialling).Response is { IsProvisional: false } at ? at : await alice.FinalAsync();
        Assert.Equal(487, final.StatusCode);
        if (atBob is not null)
        {
            Assert.Equal("SIP;cause=487;text=\"Caller's time is over\"", (await bob.RequestAsync(SipMethod.Cancel)).Headers.Get(SipHeaderName.Reason));
            bob.Answer(atBob, 487);
        }
        CallEnded record = await _tenant.RecordAsync();
        Assert.Equal((CallDisposition.Cancelled, CallParty.Caller), (record.Disposition, record.ReleasedBy));
    }

    [Theory]
    [InlineData("60")]
    [InlineData("4294967295")]
    [InlineData("soon")]                                                   // no number: as if it were not there
    public async Task An_answer_in_time_is_not_touched_by_Expires(string expires)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.TryAsync(alice.Request(SipMethod.Invite, "sip:101@acme.test", "v=0", ("Expires", expires)));
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(invite, answer);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(61));
        Assert.Single(await _tenant.Runtime.CallsAsync());
    }

    [Fact]
    public async Task The_record_has_the_media_of_the_two_who_talked()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        desk.Answer(await desk.RequestAsync(SipMethod.Invite), 486);
        await desk.RequestAsync(SipMethod.Ack);
        SipRequest atMobile = await mobile.RequestAsync(SipMethod.Invite);
        mobile.Answer(atMobile, 200, "v=0 mobile's answer");
        await mobile.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        mobile.Send(mobile.InDialogAsCallee(SipMethod.Bye, atMobile));
        await alice.RequestAsync(SipMethod.Bye);
        Assert.Equal([CallParty.Caller, CallParty.Callee], (await _tenant.RecordAsync()).Media.Select(leg => leg.Party));
    }

    [Fact]
    public async Task A_dead_connection_is_forgotten_and_the_call_goes_on_with_the_other_phone()
    {
        StubPhone desk = await _tenant.RegisteredAsync("101");
        StubPhone mobile = await _tenant.RegisteredAsync("101b");
        _tenant.Edge.Remove(desk);                                         // the edge answers 430 (RFC 5626 §11.2)
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        mobile.Answer(await mobile.RequestAsync(SipMethod.Invite), 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        await _tenant.SettleAsync();
        Assert.Equal("101b", Assert.Single(_tenant.Copies.Values).AuthUser);
    }

    [Theory]
    [InlineData(SipTransport.Tls, "savp", "avp")]
    [InlineData(SipTransport.Udp, "avp", "savp")]
    public async Task A_phone_that_refuses_the_form_of_the_offer_gets_the_other_one_and_that_is_remembered(SipTransport transport, string first, string second)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101", transport);
        for (int call = 0; call < 2; call++)
        {
            StubPhone alice = _tenant.Phone("100");
            Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
            SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
            if (call == 0)
            {
                Assert.Equal("v=0 our offer " + first, Text(invite));
                bob.Answer(invite, 488);
                await bob.RequestAsync(SipMethod.Ack);
                invite = await bob.RequestAsync(SipMethod.Invite);
            }
            Assert.Equal("v=0 our offer " + second, Text(invite));
            bob.Answer(invite, 200, "v=0 bob's answer " + second);
            await bob.RequestAsync(SipMethod.Ack);
            Assert.Equal(200, (await dialling).Response.StatusCode);
            Assert.Equal(second == "savp", Assert.Single(_tenant.Copies.Values).Srtp);
        }
    }

    [Fact]
    public async Task A_phone_is_offered_what_it_offered_itself_the_last_time()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101", SipTransport.Udp);
        (SipResponse answer, SipRequest echo) = await bob.DialAsync("*43", "v=0 savp");
        bob.Ack(echo, answer);
        _ = _tenant.Phone("100").DialAsync("101");
        Assert.Equal("v=0 our offer savp", Text(await bob.RequestAsync(SipMethod.Invite)));
    }

    [Fact]
    public async Task A_prompt_480_is_tried_once_in_the_other_form_a_later_one_is_the_users()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");              // GNOME Calls says 480 for both
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(invite, 480);
        await bob.RequestAsync(SipMethod.Ack);
        invite = await bob.RequestAsync(SipMethod.Invite);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(2));
        bob.Answer(invite, 480);
        SipResponse final = (await dialling).Response is { IsProvisional: false } early ? early : await alice.FinalAsync();
        Assert.Equal(480, final.StatusCode);
    }

    [Theory]
    [InlineData("savp")]                                                   // above all: no second INVITE in clear (SECURITY.md S15)
    [InlineData("avp")]
    public async Task A_prompt_480_of_a_phone_whose_form_is_known_is_its_word(string form)
    {
        StubPhone bob = await _tenant.RegisteredAsync("101", SipTransport.Tls);
        (SipResponse answer, SipRequest echo) = await bob.DialAsync("*43", "v=0 " + form);
        bob.Ack(echo, answer);
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("v=0 our offer " + form, Text(invite));
        bob.Answer(invite, 480);                                           // GNOME Calls, while it ends another call
        await bob.RequestAsync(SipMethod.Ack);
        SipResponse final = (await dialling).Response is { IsProvisional: false } early ? early : await alice.FinalAsync();
        Assert.Equal(480, final.StatusCode);
        await _tenant.SettleAsync();
        Assert.True(bob.HasNothing);
    }

    [Fact]
    public async Task Where_encryption_is_required_there_is_no_other_form()
    {
        _tenant.Dispose();
        _tenant = new TestTenant(encryption: SrtpPolicy.Required);
        StubPhone bob = await _tenant.RegisteredAsync("101", SipTransport.Udp);
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("v=0 our offer savp", Text(invite));
        bob.Answer(invite, 488);
        Assert.Equal(488, (await dialling).Response.StatusCode);
    }

    [Theory]                                                               // RFC 8827 §6.5: browsers have one form, there is no other to try
    [InlineData(SrtpPolicy.Optional)]
    [InlineData(SrtpPolicy.Required)]
    public async Task A_browser_is_offered_its_own_form_and_its_refusal_is_final(SrtpPolicy encryption)
    {
        _tenant.Dispose();
        _tenant = new TestTenant(encryption: encryption);
        StubPhone browser = await _tenant.RegisteredAsync("101", SipTransport.Wss);
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest)> dialling = alice.DialAsync("101");
        SipRequest invite = await browser.RequestAsync(SipMethod.Invite);
        Assert.Equal("ws", invite.Contacts[0].Uri.Parameters["transport"]);              // RFC 7118 §5.1
        Assert.Equal((false, true), (_tenant.Media.Policies[0].WebRtc, _tenant.Media.Policies[1].WebRtc));
        browser.Answer(invite, 488);
        Assert.Equal(488, (await dialling).Response.StatusCode);
        await _tenant.SettleAsync();
        Assert.Single(_tenant.Media.Commands, command => command.StartsWith("offer 1 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("browsers/chromium-156.sdp")]
    [InlineData("browsers/firefox-form.sdp")]
    public async Task A_browsers_offer_reaches_the_media_node_as_it_is_and_the_phone_gets_none_of_it(string file)
    {
        string offer = System.Text.Encoding.ASCII.GetString(Corpus.Load(file));
        StubPhone browser = _tenant.Phone("100", SipTransport.Wss);
        StubPhone bob = await _tenant.RegisteredAsync("101", SipTransport.Udp);
        Task<(SipResponse Response, SipRequest)> dialling = browser.DialAsync("101", offer);
        SipRequest invite = await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal(offer, _tenant.Media.Offers.First());
        Assert.Equal((true, false), (_tenant.Media.Policies[0].WebRtc, _tenant.Media.Policies[1].WebRtc));
        Assert.DoesNotContain("fingerprint", Text(invite), StringComparison.Ordinal);
        bob.Answer(invite, 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(200, (await dialling).Response.StatusCode);
    }

    [Fact]
    public async Task A_media_node_that_is_told_where_signalling_comes_from_can_choose_the_address()
    {
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100", address: "198.51.100.8");
        _ = alice.DialAsync("101");
        await bob.RequestAsync(SipMethod.Invite);
        Assert.Equal("198.51.100.8", _tenant.Media.Policies[0].PeerSignallingAddress!.ToString());
        Assert.Equal("192.0.2.9", _tenant.Media.Policies[1].PeerSignallingAddress!.ToString());
    }

    public void Dispose() => _tenant.Dispose();

    private static string Text(SipMessage message) => System.Text.Encoding.UTF8.GetString(message.Body.Span);
}
