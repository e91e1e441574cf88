using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>Conference rooms, hold music and announcements; alice is 100, bob 101, carol 102, the rooms 800 (open), 801 (with PINs) and 802 (locked).</summary>
public sealed class ConferenceTests : IDisposable
{
    private static readonly ConferenceId s_open = ConferenceId.New(), s_closed = ConferenceId.New(), s_locked = ConferenceId.New();
    private readonly TestTenant _tenant = Tenant(s_open);

    [Fact]
    public async Task Callers_of_an_open_room_meet_there_and_the_first_hears_that_it_is_alone()
    {
        StubPhone alice = await DialAsync(_tenant, "100", "800"), bob = await DialAsync(_tenant, "101", "800");
        Assert.Equal([$"join 0 {s_open} with signals", "prompt 0 en/conference-alone", $"join 0 {s_open} with signals"], Heard(_tenant));
        await HangUpAsync(alice);
        await HangUpAsync(bob);
        Assert.All(_tenant.Records, record => Assert.Equal((CallDisposition.Answered, "800"), (record.Disposition, record.AnsweredBy)));
        await DialAsync(_tenant, "102", "800");
        Assert.Equal("prompt 0 en/conference-alone", Heard(_tenant).Last());       // everybody had left
    }

    [Fact]
    public async Task Rooms_of_one_number_in_two_tenants_are_two_rooms()
    {
        var other = ConferenceId.New();
        using TestTenant globex = Tenant(other, "globex.test");
        await DialAsync(_tenant, "100", "800");
        await DialAsync(globex, "100", "800");
        Assert.Equal($"join 0 {s_open} with signals", Heard(_tenant).First());
        Assert.Equal($"join 0 {other} with signals", Heard(globex).First());
        Assert.Equal("prompt 0 en/conference-alone", Heard(globex).Last());
    }

    [Theory]
    [InlineData("1234#", true)]
    [InlineData("99*1234#", true)]                            // the star begins anew
    [InlineData("999999#", true)]                             // the moderator's
    [InlineData("#", false)]
    [InlineData("4321#", false)]
    public async Task A_room_with_a_PIN_lets_in_who_knows_it(string digits, bool enters)
    {
        await DialAsync(_tenant, "100", "801");
        Assert.Equal(["prompt 0 en/enter-pin"], Heard(_tenant));
        await PressAsync(digits);
        Assert.Equal(enters ? $"join 0 {s_closed}" : "prompt 0 en/wrong-pin en/enter-pin", Heard(_tenant).ElementAt(1));
    }

    [Theory]                                                               // INTEROP I54
    [InlineData("application/dtmf-relay", "Signal=1\r\nDuration=160\r\n")]
    [InlineData("application/dtmf", "1")]
    public async Task A_key_may_come_by_INFO_and_told_twice_it_counts_once(string type, string body)
    {
        StubPhone alice = await DialAsync(_tenant, "100", "801");
        await PressAsync("1");
        (SipRequest invite, SipResponse answer) = _dialogs[alice];
        SipRequest info = alice.InDialog(SipMethod.Info, invite, answer, body);
        info.Headers.Set(SipHeaderName.ContentType, type);
        alice.Send(info);
        Assert.Equal(200, (await alice.ResponseAsync()).StatusCode);
        await PressAsync("234#");
        Assert.Contains($"join 0 {s_closed}", Heard(_tenant));
    }

    [Fact]
    public async Task Three_wrong_PINs_end_the_call()
    {
        StubPhone alice = await DialAsync(_tenant, "100", "801");
        for (int i = 0; i < 3; i++)
            await PressAsync("0#");
        Assert.Equal("prompt 0 en/wrong-pin en/goodbye", Heard(_tenant).Last());
        await EndPromptAsync();
        alice.Answer(await alice.RequestAsync(SipMethod.Bye), 200);
        Assert.DoesNotContain(Heard(_tenant), command => command.StartsWith("join", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nobody_enters_a_locked_room_but_a_moderator()
    {
        await DialAsync(_tenant, "100", "802");
        await PressAsync("#");
        Assert.Equal("prompt 0 en/conference-locked en/goodbye", Heard(_tenant).Last());
        await DialAsync(_tenant, "101", "802");
        await PressAsync("999999#", call: 1);
        Assert.Contains($"join 0 {s_locked} with signals", Heard(_tenant));
    }

    [Fact]
    public async Task A_room_takes_two_hundred_and_not_even_a_moderator_more()
    {
        List<StubPhone> parties = [];
        for (int i = 0; i < ConferenceRooms.Capacity; i++)
            parties.Add(await DialAsync(_tenant, "100", "800"));
        Assert.Equal(ConferenceRooms.Capacity, Heard(_tenant).Count(command => command == $"join 0 {s_open} with signals"));
        StubPhone late = await DialAsync(_tenant, "101", "800");              // in a room without a moderator's PIN every phone of the tenant is one
        Assert.Equal("prompt 0 en/conference-full en/goodbye", Heard(_tenant).Last());
        await EndPromptAsync();
        late.Answer(await late.RequestAsync(SipMethod.Bye), 200);
        await HangUpAsync(parties[7]);
        await DialAsync(_tenant, "101", "800");
        Assert.Equal(ConferenceRooms.Capacity + 1, Heard(_tenant).Count(command => command == $"join 0 {s_open} with signals"));
    }

    [Fact]
    public async Task A_party_mutes_itself_by_star_six_and_a_moderator_locks_by_star_five()
    {
        await DialAsync(_tenant, "100", "801");
        await PressAsync("999999#");
        await PressAsync("*6");
        Assert.Equal([$"join 0 {s_closed} muted", "prompt 0 en/muted"], Heard(_tenant).TakeLast(2));
        await PressAsync("*6");
        Assert.Equal([$"join 0 {s_closed}", "prompt 0 en/unmuted"], Heard(_tenant).TakeLast(2));
        await PressAsync("*5");
        Assert.Equal("prompt 0 en/conference-lock-on", Heard(_tenant).Last());
        await DialAsync(_tenant, "101", "801");
        await PressAsync("1234#", call: 1);
        Assert.Equal("prompt 0 en/conference-locked en/goodbye", Heard(_tenant).Last());
        await PressAsync("*5", call: 0);
        Assert.Equal("prompt 0 en/conference-lock-off", Heard(_tenant).Last());
    }

    [Fact]
    public async Task Who_takes_the_tenant_over_knows_who_is_in_the_room_and_that_it_is_locked()
    {
        StubPhone alice = await DialAsync(_tenant, "100", "801");
        await PressAsync("999999#");
        await PressAsync("*5");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _tenant.KillAsync();
        await PressAsync("*6");
        Assert.Equal($"join 0 {s_closed} muted", Heard(_tenant).ElementAt(^2));
        await DialAsync(_tenant, "101", "801");
        await PressAsync("1234#", call: 1);
        Assert.Equal("prompt 0 en/conference-locked en/goodbye", Heard(_tenant).Last());
        await HangUpAsync(alice);
        Assert.Single(_tenant.Records);
    }

    [Fact]
    public async Task Who_watches_a_room_sees_who_speaks()
    {
        await DialAsync(_tenant, "100", "800");
        LegId leg = new((await _tenant.Runtime.CallsAsync())[0].CallId, 0);
        foreach (bool speaks in (bool[])[true, false])
        {
            _tenant.Sessions.SpeakingChanged(leg, speaks);
            await _tenant.SettleAsync();
            Assert.Equal(speaks, (await _tenant.Runtime.CallsAsync())[0].IsSpeaking);
        }
    }

    [Fact]
    public async Task After_a_takeover_a_rooms_parties_tell_where_it_is_so_that_who_comes_is_beside_them()
    {
        await DialAsync(_tenant, "100", "800");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        _tenant.Media.Placed.Clear();
        await _tenant.KillAsync();
        await _tenant.SettleAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Contains(s_open, _tenant.Media.Placed);
        Assert.DoesNotContain("move", _tenant.Media.Commands);
    }

    [Fact]
    public async Task After_a_takeover_a_party_goes_to_the_node_where_others_have_begun_the_room_meanwhile()
    {
        StubPhone alice = await DialAsync(_tenant, "100", "800");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        (_tenant.Media.ConferencesElsewhere, _tenant.Media.HasOther) = (true, true);
        await _tenant.KillAsync();
        SipRequest moves = await alice.RequestAsync(SipMethod.Invite);
        alice.Answer(moves, 200, "v=0 alice's answer");
        await alice.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains($"move beside {s_open}", _tenant.Media.Commands);
        Assert.Equal($"join 0 {s_open} with signals", Heard(_tenant).Last());
    }

    [Fact]
    public async Task A_room_that_has_gone_to_another_node_while_the_PIN_was_asked_for_is_followed()
    {
        StubPhone alice = await DialAsync(_tenant, "100", "801");
        (_tenant.Media.ConferencesElsewhere, _tenant.Media.HasOther) = (true, true);
        await PressAsync("1234#");
        alice.Answer(await alice.RequestAsync(SipMethod.Invite), 200, "v=0 alice's answer");
        await alice.RequestAsync(SipMethod.Ack);
        await _tenant.SettleAsync();
        Assert.Contains($"move beside {s_closed}", _tenant.Media.Commands);
        Assert.Equal($"join 0 {s_closed}", Heard(_tenant).SkipLast(1).Last());
        Assert.Equal("prompt 0 en/conference-alone", Heard(_tenant).Last());
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_held_party_hears_music_until_the_other_talks_again(bool silence, bool music)
    {
        _tenant.Shape = content => content with { HoldSilence = silence };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        foreach (string sdp in (string[])["v=0 sendonly", "v=0 sendonly again", "v=0 sendrecv"])
        {
            SipRequest hold = alice.InDialog(SipMethod.Invite, invite, answer, sdp);
            alice.Send(hold);
            SipResponse response = await alice.FinalAsync();
            alice.Ack(hold, response);
            await _tenant.SettleAsync();
        }
        Assert.Equal(music ? ["prompt 1 music/default", "stop 1"] : [], _tenant.Media.Commands.Where(c => c.StartsWith("prompt", StringComparison.Ordinal) || c.StartsWith("stop", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("jazz", true)]
    [InlineData("not-uploaded-yet", false)]
    public async Task A_held_party_hears_the_tenants_own_sound_where_it_has_one(string prompt, bool own)
    {
        (ConfiguredPrompt jazz, byte[] key) = Own("jazz");
        _tenant.Shape = content => content with { HoldMusicPrompt = prompt, Prompts = [jazz] };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        StubPhone bob = await _tenant.RegisteredAsync("101");
        StubPhone alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = alice.DialAsync("101");
        bob.Answer(await bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        await bob.RequestAsync(SipMethod.Ack);
        (SipResponse answer, SipRequest invite) = await dialling;
        alice.Ack(invite, answer);
        alice.Send(alice.InDialog(SipMethod.Invite, invite, answer, "v=0 sendonly"));
        await alice.FinalAsync();
        await _tenant.SettleAsync();
        (_, PromptRequest request) = _tenant.Media.Prompts.Last();
        Assert.Equal([own ? $"own/{jazz.Audio}" : "music/default"], request.Sounds);
        if (own)
            Assert.Equal((jazz.Audio, "music/default", Convert.ToHexString(key)), (request.Own[0].Audio, request.Own[0].Instead, Convert.ToHexString(request.Own[0].Key.Span)));
        else
            Assert.Empty(request.Own);
    }

    [Fact]
    public async Task A_room_greets_in_the_tenants_own_words_before_anybody_is_heard()
    {
        (ConfiguredPrompt hello, _) = Own("hello");
        Func<TenantConfigurationContent, TenantConfigurationContent> rooms = _tenant.Shape;
        _tenant.Shape = content => rooms(content) with { Prompts = [hello], Conferences = [new ConfiguredConference(s_open, "800", "Open", null, null, true, false, "hello"), new ConfiguredConference(s_closed, "803", "No such", null, null, true, false, "gone")] };
        _tenant.Runtime.Replace(_tenant.Configure(3));
        await DialAsync(_tenant, "100", "800");
        Assert.Equal([$"prompt 0 own/{hello.Audio}"], Heard(_tenant));
        await EndPromptAsync();
        Assert.Equal([$"prompt 0 own/{hello.Audio}", $"join 0 {s_open} with signals", "prompt 0 en/conference-alone"], Heard(_tenant));
        await DialAsync(_tenant, "101", "803");                   // a sound that is not there keeps nobody waiting
        Assert.Contains($"join 0 {s_closed} with signals", Heard(_tenant));
    }

    [Theory]
    [InlineData("555", 404, "en/unknown-number")]
    [InlineData("102", 480, "en/not-available")]                          // nobody is registered
    public async Task A_phone_hears_why_its_call_failed_where_the_tenant_wants_it(string number, int status, string sound)
    {
        _tenant.Shape = content => content with { Announcements = true };
        _tenant.Runtime.Replace(_tenant.Configure(2));
        StubPhone alice = _tenant.Phone("100");
        (SipResponse early, _) = await alice.DialAsync(number);
        Assert.Equal((183, "v=0 our answer"), (early.StatusCode, System.Text.Encoding.UTF8.GetString(early.Body.Span)));
        await Patience.UntilAsync(() => !_tenant.Media.Prompts.IsEmpty);
        Assert.Equal($"prompt 0 {sound}", Heard(_tenant).Last());
        await EndPromptAsync();
        Assert.Equal(status, (await alice.FinalAsync()).StatusCode);
    }

    public void Dispose() => _tenant.Dispose();

    private (ConfiguredPrompt Prompt, byte[] Key) Own(string name)
    {
        RecordingId audio = RecordingId.New();
        byte[] key = System.Security.Cryptography.RandomNumberGenerator.GetBytes(32);
        return (new ConfiguredPrompt(name, audio, _tenant.Configure(2).Seal(audio, key)), key);
    }

    private static TestTenant Tenant(ConferenceId open, string domain = "acme.test")
    {
        TestTenant tenant = new(domain)
        {
            Shape = content => content with
            {
                Conferences =
                [
                    new ConfiguredConference(open, "800", "Open", null, null, true, false),
                    new ConfiguredConference(s_closed, "801", "Closed", "1234", "999999", false, false),
                    new ConfiguredConference(s_locked, "802", "Locked", null, "999999", true, true),
                ],
            },
        };
        tenant.Runtime.Replace(tenant.Configure(2));
        return tenant;
    }

    private readonly Dictionary<StubPhone, (SipRequest Invite, SipResponse Answer)> _dialogs = [];

    private async Task<StubPhone> DialAsync(TestTenant tenant, string from, string number)
    {
        StubPhone phone = tenant.Phone(from);
        (SipResponse answer, SipRequest invite) = await phone.DialAsync(number);
        Assert.Equal(200, answer.StatusCode);
        phone.Ack(invite, answer);
        _dialogs[phone] = (invite, answer);
        await tenant.SettleAsync();
        return phone;
    }

    private async Task HangUpAsync(StubPhone phone)
    {
        (SipRequest invite, SipResponse answer) = _dialogs[phone];
        phone.Send(phone.InDialog(SipMethod.Bye, invite, answer));
        Assert.Equal(200, (await phone.ResponseAsync()).StatusCode);
        await _tenant.SettleAsync();
    }

    private async Task PressAsync(string digits, int call = 0)
    {
        foreach (char digit in digits)
        {
            _tenant.Sessions.DigitReceived(new LegId((await _tenant.Runtime.CallsAsync())[call].CallId, 0), digit, 100);
            await _tenant.SettleAsync();
        }
    }

    private async Task EndPromptAsync()
    {
        (LegId leg, PromptRequest prompt) = _tenant.Media.Prompts.Last();
        _tenant.Sessions.PromptEnded(leg, prompt.Name, PromptEnd.Finished, null);
        await _tenant.SettleAsync();
    }

    private static IEnumerable<string> Heard(TestTenant tenant) =>
        tenant.Media.Commands.Where(command => command.StartsWith("join", StringComparison.Ordinal) || command.StartsWith("prompt", StringComparison.Ordinal));
}
