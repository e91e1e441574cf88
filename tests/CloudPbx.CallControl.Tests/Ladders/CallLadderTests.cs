using CloudPbx.CallControl.Ladders;
using CloudPbx.CallControl.Tests.Carriers;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Tests.Ladders;

/// <summary>What a call's record tells of its messages.</summary>
public sealed class CallLadderTests : IDisposable
{
    private const string Sdp = "v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/SAVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:CANARYKEY\r\n";

    private readonly CarrierFixture _fixture = new();

    private TestTenant Pbx => _fixture.Pbx;

    [Fact]
    public async Task A_refused_call_tells_every_message_of_both_legs_in_order()
    {
        StubPhone bob = await Pbx.RegisteredAsync("101", userAgent: "Snom/1.0");
        StubPhone alice = Pbx.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", Sdp);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 100);
        bob.Answer(atBob, 180);
        Assert.Equal(180, (await dialling).Response.StatusCode);
        bob.Answer(atBob, 486, null, ("Reason", "Q.850;cause=17;text=\"User busy\""), ("Warning", "399 phone \"do not disturb\""), ("Retry-After", "60"));
        await bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(486, (await alice.FinalAsync()).StatusCode);

        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.Equal(["0> INVITE 101", "<1 INVITE", "1> 100 Trying", "1> 180 Ringing", "<0 180 Ringing", "1> 486 Busy Here", "<1 ACK", "<0 486 Busy Here"], Told(ladder));
        Assert.False(ladder.IsShortened);
        LadderMessage invite = ladder.Messages[0], busy = ladder.Messages[5];
        Assert.True(invite.HasCredentials);
        Assert.Equal(["PCMA", "?"], invite.Media!.Codecs);
        Assert.Equal(LadderSecurity.Sdes, invite.Media.Security);
        Assert.Equal(("Q.850;cause=17;text=\"User busy\"", "399 phone \"do not disturb\"", 60L), (busy.Reason, busy.Warning, busy.RetryAfter));
        Assert.Equal([(CallParty.Caller, LadderPartyKind.Phone, "100", "TLS"), (CallParty.Callee, LadderPartyKind.Phone, "101", "TLS")], ladder.Parties.Select(party => (party.Side, party.Kind, party.Name, party.Transport!)));
        Assert.Equal((alice.Remote.ToString(), bob.Remote.ToString(), "Snom/1.0"), (ladder.Parties[0].Address, ladder.Parties[1].Address, ladder.Parties[1].Agent));
        Assert.StartsWith(ladder.Parties[1].CallId!, atBob.CallId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_credential_key_nonce_or_token_is_in_it()
    {
        StubPhone carrier = _fixture.Carrier("carrier", "198.51.100.1", account: "acct");
        StubPhone alice = await DialerAsync();
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("9+4989222", Sdp + "a=ice-pwd:CANARYICE\r\na=ice-ufrag:CANARYUFRAG\r\n");
        SipRequest first = await carrier.RequestAsync(SipMethod.Invite);
        carrier.Answer(first, 407, null, ("Proxy-Authenticate", "Digest realm=\"carrier.example\", nonce=\"CANARYNONCE\", opaque=\"CANARYOPAQUE\", qop=\"auth\""));
        await carrier.RequestAsync(SipMethod.Ack);
        SipRequest invite = await carrier.RequestAsync(SipMethod.Invite);
        string response = invite.Headers.Get(SipHeaderName.ProxyAuthorization)!;
        carrier.Answer(invite, 403, null, ("Warning", "399 gw \"bad token=CANARYTOKEN; nonce=CANARYTWO; inline:CANARYSDES\""), ("Reason", "SIP;cause=403;text=\"Bearer CANARYBEARER\""));
        await carrier.RequestAsync(SipMethod.Ack);
        await dialling;
        CallEnded record = await Pbx.RecordAsync();
        string text = System.Text.Json.JsonSerializer.Serialize(record.Ladder);
        Assert.DoesNotContain("CANARY", text, StringComparison.Ordinal);
        Assert.DoesNotContain(response[(response.IndexOf("response=", StringComparison.Ordinal) + 10)..][..16], text, StringComparison.Ordinal);
        Assert.DoesNotContain(first.Contacts[0].Uri.User!, text, StringComparison.Ordinal);                 // our Contact names tenant, call and leg
        Assert.Equal([false, true], record.Ladder!.Messages.Where(message => message is { Method: "INVITE", Status: 0, FromParty: false }).Select(message => message.HasCredentials));
        LadderParty trunk = record.Ladder.Parties[1];
        Assert.Equal((LadderPartyKind.Trunk, "carrier", "+4989222", "UDP"), (trunk.Kind, trunk.Name, trunk.Number, trunk.Transport));
    }

    [Fact]
    public async Task A_failover_tells_each_trunk_and_one_that_was_not_reached()
    {
        StubPhone gone = _fixture.Carrier("gone", "198.51.100.1", transport: SipTransport.Tcp);
        StubPhone second = _fixture.Carrier("second", "198.51.100.2"), third = _fixture.Carrier("third", "198.51.100.3");
        Pbx.Edge.Remove(gone);
        StubPhone alice = await DialerAsync();
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("9+4989222", Sdp);
        second.Answer(await second.RequestAsync(SipMethod.Invite), 503, null, ("Retry-After", "5"));
        await second.RequestAsync(SipMethod.Ack);
        third.Answer(await third.RequestAsync(SipMethod.Invite), 404);
        await third.RequestAsync(SipMethod.Ack);
        await dialling;
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.Equal(["100", "gone", "second", "third"], ladder.Parties.Select(party => party.Name));
        LadderMessage note = Assert.Single(ladder.Messages, message => message.Note is not null);
        Assert.Equal("gone", ladder.Parties.Single(party => party.Leg == note.Leg).Name);
        Assert.NotEmpty(note.Note!);
        Assert.Contains(ladder.Messages, message => message is { Status: 503, RetryAfter: 5 });
    }

    [Fact]
    public async Task A_call_that_went_well_keeps_what_made_it_and_what_ended_it()
    {
        SipLadder ladder = (await TalkAsync(TimeSpan.FromSeconds(30))).Ladder!;
        Assert.True(ladder.IsShortened);
        Assert.Equal(["0> INVITE 101", "<1 INVITE", "1> 200 OK", "<0 200 OK", "0> BYE", "<1 BYE"], Told(ladder));
        Assert.All(ladder.Messages, message => Assert.Null(message.Media));
    }

    [Fact]
    public async Task A_short_call_keeps_all_of_it()
    {
        SipLadder ladder = (await TalkAsync(TimeSpan.FromSeconds(3))).Ladder!;
        Assert.False(ladder.IsShortened);
        Assert.Contains("0> ACK", Told(ladder));
        Assert.Contains("<0 200 OK", Told(ladder));
        Assert.Equal(3000, ladder.Messages.First(message => message.Method == "BYE").At);
    }

    [Fact]
    public async Task What_is_sent_again_is_counted_not_repeated()
    {
        StubPhone bob = await Pbx.RegisteredAsync("101", SipTransport.Udp);
        StubPhone alice = Pbx.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", Sdp);
        await bob.RequestAsync(SipMethod.Invite);
        await Pbx.AdvanceAsync(TimeSpan.FromMilliseconds(500));                         // RFC 3261 §17.1.1.2, timer A
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(1));
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(8));
        await dialling;
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        LadderMessage invite = Assert.Single(ladder.Messages, message => message is { Method: "INVITE", FromParty: false, Status: 0 });
        Assert.True(invite.Repeats >= 2);
        Assert.Contains("<0 480 Temporarily Unavailable", Told(ladder));
    }

    [Fact]
    public async Task A_call_that_is_handed_over_tells_what_both_owners_saw()
    {
        StubPhone bob = await Pbx.RegisteredAsync("101");
        StubPhone alice = Pbx.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", Sdp);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 180);
        await dialling;
        await Pbx.MoveAsync();
        bob.Answer(atBob, 603);
        await bob.RequestAsync(SipMethod.Ack);
        Assert.Equal(603, (await alice.FinalAsync()).StatusCode);
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.Equal(["0> INVITE 101", "<1 INVITE", "1> 180 Ringing", "<0 180 Ringing", "1> 603 Decline", "<1 ACK", "<0 603 Decline"], Told(ladder));
        Assert.Equal([0, 1], ladder.Parties.Select(party => party.Leg));
        Assert.Null(ladder.LostUntil);
    }

    [Fact]
    public async Task A_worker_that_dies_loses_its_part_and_the_ladder_says_so()
    {
        (StubPhone alice, StubPhone bob, SipRequest invite, SipResponse answer) = await AnsweredAsync();
        await Pbx.AdvanceAsync(TimeSpan.FromSeconds(4));
        await Pbx.KillAsync();
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.True(ladder.LostUntil >= 4000);
        Assert.Contains("0> BYE", Told(ladder));
    }

    [Fact]
    public async Task S22_a_strangers_words_are_cleaned_and_cut()
    {
        StubPhone bob = await Pbx.RegisteredAsync("101");
        StubPhone alice = Pbx.Phone("100");
        alice.UserAgent = "<script>alert(1)</script>\u202Egnp.exe";
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", Sdp);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 486, null, ("Warning", "399 x \"=HYPERLINK(1)\u202E folded " + new string('y', 500) + "\""));
        await bob.RequestAsync(SipMethod.Ack);
        await dialling;
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.Equal("<script>alert(1)</script>gnp.exe", ladder.Parties[0].Agent);                          // shown as text, never as markup
        string warning = ladder.Messages.Single(message => message is { Status: 486, FromParty: true }).Warning!;
        Assert.Equal(LadderTexts.Longest, warning.Length);
        Assert.DoesNotContain(warning, c => char.IsControl(c) || c == '\u202E');
    }

    [Fact]
    public async Task However_much_is_said_the_first_and_the_last_words_are_kept()
    {
        (StubPhone alice, StubPhone bob, SipRequest invite, SipResponse answer) = await AnsweredAsync();
        for (int i = 0; i < 200; i++)
        {
            alice.Send(alice.InDialog(SipMethod.Options, invite, answer));
            await alice.ResponseAsync();
        }
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        SipLadder ladder = (await Pbx.RecordAsync()).Ladder!;
        Assert.Equal(CallLadder.First + CallLadder.Last, ladder.Messages.Count);
        Assert.True(ladder.Omitted > 200);
        Assert.Equal("0> INVITE 101", Told(ladder)[0]);
        Assert.Contains("0> BYE", Told(ladder)[^4..]);
    }

    [Fact]
    public async Task A_call_that_is_over_is_watched_no_more()
    {
        await TalkAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(0, Pbx.Runtime.Ladders.Count);
    }

    [Fact]
    public async Task Two_tenants_with_the_same_numbers_and_Call_ID_have_ladders_of_their_own()
    {
        using CarrierFixture other = new("other.test");
        foreach (TestTenant tenant in (TestTenant[])[Pbx, other.Pbx])
        {
            StubPhone bob = await tenant.RegisteredAsync("101");
            StubPhone alice = tenant.Phone("100");
            SipRequest request = alice.Request(SipMethod.Invite, $"sip:101@{tenant.Domain}", Sdp, ("Call-ID", "same@everywhere"));
            Task<(SipResponse Response, SipRequest Request)> dialling = alice.TryAsync(request);
            bob.Answer(await bob.RequestAsync(SipMethod.Invite), 486, null, ("Warning", $"399 x \"{(tenant == Pbx ? "ours" : "canary")}\""));
            await bob.RequestAsync(SipMethod.Ack);
            await dialling;
        }
        string ours = System.Text.Json.JsonSerializer.Serialize((await Pbx.RecordAsync()).Ladder);
        Assert.Contains("ours", ours, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", ours, StringComparison.Ordinal);
        Assert.Contains("canary", System.Text.Json.JsonSerializer.Serialize((await other.Pbx.RecordAsync()).Ladder), StringComparison.Ordinal);
    }

    public void Dispose() => _fixture.Dispose();

    private static string[] Told(SipLadder ladder) => [.. ladder.Messages.Select(message =>
        $"{(message.FromParty ? $"{message.Leg}>" : $"<{message.Leg}")} {(message.Status == 0 ? $"{message.Method} {message.Target}".TrimEnd() : $"{message.Status} {message.Phrase}")}")];

    private async Task<StubPhone> DialerAsync()
    {
        _fixture.Number("+49301000", "100");
        await _fixture.ApplyAsync();
        return await Pbx.RegisteredAsync("100");
    }

    private async Task<(StubPhone Alice, StubPhone Bob, SipRequest Invite, SipResponse Answer)> AnsweredAsync()
    {
        StubPhone bob = await Pbx.RegisteredAsync("101");
        StubPhone alice = Pbx.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101", Sdp);
        SipRequest atBob = await bob.RequestAsync(SipMethod.Invite);
        bob.Answer(atBob, 200, Sdp);
        await bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        Assert.Equal(200, answer.StatusCode);
        alice.Ack(invite, answer);
        await Pbx.SettleAsync();
        return (alice, bob, invite, answer);
    }

    private async Task<CallEnded> TalkAsync(TimeSpan length)
    {
        (StubPhone alice, StubPhone bob, SipRequest invite, SipResponse answer) = await AnsweredAsync();
        await Pbx.AdvanceAsync(length);
        alice.Send(alice.InDialog(SipMethod.Bye, invite, answer));
        await alice.ResponseAsync();
        bob.Answer(await bob.RequestAsync(SipMethod.Bye), 200);
        return await Pbx.RecordAsync();
    }
}
