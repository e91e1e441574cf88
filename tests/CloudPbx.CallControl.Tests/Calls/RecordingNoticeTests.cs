using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Api;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Calls;

/// <summary>How the parties learn that their call is recorded.</summary>
public sealed class RecordingNoticeTests : IDisposable
{
    private readonly TestTenant _tenant = new();
    private StubPhone _alice = null!;
    private StubPhone _bob = null!;
    private SipRequest _invite = null!;
    private SipResponse _answer = null!;

    private IEnumerable<string> Prompts => _tenant.Media.Commands.Where(command => command.StartsWith("prompt", StringComparison.Ordinal));

    [Theory]
    [InlineData("en", "en/call-recorded")]
    [InlineData("zh-CN", "zh/call-recorded")]
    public async Task Both_hear_the_sentence_once_when_they_begin_to_talk(string language, string sound)
    {
        Configure(RecordingNotice.Announcement, RecordingPolicy.Always, language);
        await TalkAsync();
        Assert.Equal([$"prompt 0 {sound}", $"prompt 1 {sound}"], Prompts);
        string[] commands = [.. _tenant.Media.Commands];
        Assert.True(Array.IndexOf(commands, "bridge 0 1") < Array.IndexOf(commands, $"prompt 0 {sound}"), "a bridge would end it");
        await PressAsync("*1");                                             // a pause, and on again
        await PressAsync("*1");
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(2, Prompts.Count());
        Assert.All(_tenant.Media.Prompts, prompt => Assert.True(prompt.Prompt.Queue));
    }

    [Fact]
    public async Task Who_begins_to_record_in_the_middle_of_a_call_lets_both_hear_it()
    {
        Configure(RecordingNotice.Announcement, RecordingPolicy.Off);
        await TalkAsync();
        Assert.Empty(Prompts);
        await PressAsync("*1");
        Assert.Equal(["prompt 0 en/call-recorded", "prompt 1 en/call-recorded"], Prompts);
    }

    [Fact]
    public async Task A_tone_sounds_every_fifteen_seconds_but_not_while_it_pauses()
    {
        Configure(RecordingNotice.Beep, RecordingPolicy.Always);
        await TalkAsync();
        Assert.Equal(["prompt 0 signals/recorded", "prompt 1 signals/recorded"], Prompts);
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(14));
        Assert.Equal(2, Prompts.Count());
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(4, Prompts.Count());
        await PressAsync("*1");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(15));
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(4, Prompts.Count());
        await PressAsync("*1");
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(6, Prompts.Count());
        await HangUpAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(6, Prompts.Count());
        Assert.Single(_tenant.Records);
    }

    [Fact]
    public async Task After_a_takeover_the_tone_goes_on_and_the_sentence_is_not_said_again()
    {
        Configure(RecordingNotice.Beep, RecordingPolicy.Always);
        await TalkAsync();
        await _tenant.KillAsync();
        await _tenant.SettleAsync();
        int before = Prompts.Count();
        await _tenant.AdvanceAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(before + 2, Prompts.Count());
    }

    [Theory]
    [InlineData(RecordingNotice.None, RecordingPolicy.Always)]
    [InlineData(RecordingNotice.Announcement, RecordingPolicy.Off)]
    [InlineData(RecordingNotice.Beep, RecordingPolicy.Off)]
    public async Task Where_nothing_is_recorded_or_nobody_wants_it_nothing_is_said(RecordingNotice notice, RecordingPolicy policy)
    {
        Configure(notice, policy);
        await TalkAsync();
        await _tenant.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(Prompts);
    }

    [Theory]
    [InlineData(null, null, "prompt 0 en/call-recorded")]                  // the tenant's
    [InlineData(null, RecordingNotice.Beep, "prompt 0 signals/recorded")]
    [InlineData(RecordingNotice.None, null, null)]
    [InlineData(RecordingNotice.None, RecordingNotice.Beep, "prompt 0 signals/recorded")]      // the one that tells more
    [InlineData(RecordingNotice.Announcement, RecordingNotice.Beep, "prompt 0 en/call-recorded")]
    public async Task An_extensions_own_word_goes_before_the_tenants(RecordingNotice? callers, RecordingNotice? callees, string? expected)
    {
        Configure(RecordingNotice.Announcement, RecordingPolicy.Always);
        Func<TenantConfigurationContent, TenantConfigurationContent> shape = _tenant.Shape;
        _tenant.Shape = content => shape(content) is var shaped
            ? shaped with { Extensions = [.. shaped.Extensions.Select(e => e with { RecordingNotice = e.Number == "100" ? callers : e.Number == "101" ? callees : null })] }
            : content;
        _tenant.Runtime.Replace(_tenant.Configure(3));
        await TalkAsync();
        Assert.Equal(expected, Prompts.FirstOrDefault());
    }

    public void Dispose() => _tenant.Dispose();

    private void Configure(RecordingNotice notice, RecordingPolicy policy, string language = "en")
    {
        _tenant.Shape = content => content with
        {
            Language = language,
            RecordingNotice = notice,
            Extensions = [.. content.Extensions.Select(e => e.Number == "100" ? e with { Recording = policy } : e)],
        };
        _tenant.Runtime.Replace(_tenant.Configure(2));
    }

    private async Task PressAsync(string digits)
    {
        foreach (char digit in digits)
            _tenant.Sessions.DigitReceived(new LegId((await _tenant.Runtime.CallsAsync())[0].CallId, 0), digit, 100);
        await _tenant.SettleAsync();
    }

    private async Task HangUpAsync()
    {
        _alice.Send(_alice.InDialog(SipMethod.Bye, _invite, _answer));
        _bob.Answer(await _bob.RequestAsync(SipMethod.Bye), 200);
        await _tenant.SettleAsync();
    }

    private async Task TalkAsync()
    {
        _bob = await _tenant.RegisteredAsync("101");
        _alice = _tenant.Phone("100");
        Task<(SipResponse Response, SipRequest Invite)> dialling = _alice.DialAsync("101");
        _bob.Answer(await _bob.RequestAsync(SipMethod.Invite), 200, "v=0 bob's answer");
        await _bob.RequestAsync(SipMethod.Ack);
        (_answer, _invite) = await dialling;
        _alice.Ack(_invite, _answer);
        await _tenant.SettleAsync();
    }
}
