using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallStoryTests
{
    private static readonly DateTime s_start = new(2026, 11, 26, 7, 0, 0, DateTimeKind.Utc);

    public CallStoryTests() => CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = new CultureInfo("en");

    [Theory]
    [InlineData(404, CallDisposition.Failed, "unknown-number")]
    [InlineData(480, CallDisposition.NoAnswer, "no-phone")]
    [InlineData(408, CallDisposition.NoAnswer, "no-answer")]
    [InlineData(486, CallDisposition.Busy, "busy")]
    [InlineData(487, CallDisposition.Cancelled, "cancelled")]
    [InlineData(488, CallDisposition.Failed, "no-common-media")]
    [InlineData(403, CallDisposition.Rejected, "barred")]
    [InlineData(603, CallDisposition.Rejected, "declined")]
    [InlineData(503, CallDisposition.Failed, "overload")]
    [InlineData(500, CallDisposition.Failed, "fault")]
    public void Each_failure_has_its_story_in_both_languages(int status, CallDisposition disposition, string cause)
    {
        CallRecordDto call = Calls.Record(disposition, status, s_start);
        Assert.Equal(cause, CallStory.CauseOf(call));
        Assert.NotNull(TextCatalog.Of(TextCatalog.English).Find("story." + cause));
        Assert.NotNull(TextCatalog.Of(TextCatalog.Chinese).Find("story." + cause));
        Assert.DoesNotContain('{', CallStory.Of(call, new Texts()).Verdict);
    }

    [Theory]
    [InlineData(480, 19, null, "no-answer")]                  // phones rang, and nobody came
    [InlineData(480, null, null, "no-phone")]
    [InlineData(500, null, 0, "carrier-away")]
    [InlineData(500, null, 503, "carrier-away")]
    [InlineData(500, null, 401, "password")]
    [InlineData(500, null, 500, "fault")]
    public void What_the_phones_and_the_carrier_said_decides_and_not_the_callers_status_alone(int status, int? q850, int? carrier, string cause) =>
        Assert.Equal(cause, CallStory.CauseOf(Calls.Record(CallDisposition.Failed, status, s_start) with { Q850Cause = q850, TrunkStatus = carrier, TrunkName = carrier is null ? null : "carrier" }));

    [Fact]
    public void A_number_that_nobody_has_is_said_so_with_what_to_do()
    {
        CallStory story = CallStory.Of(Calls.Record(CallDisposition.Failed, 404, s_start), new Texts());
        Assert.Equal("There is no 101 to call.", story.Verdict);
        Assert.StartsWith("101 is neither an extension", story.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_without_sound_from_one_side_names_that_side()
    {
        CallRecordDto call = Calls.Record(
            CallDisposition.Answered, 200, s_start, new LegMedia { Party = CallParty.Caller, PacketsReceived = 3000, PacketsSent = 10 }, new LegMedia { Party = CallParty.Callee, PacketsSent = 3000 });
        Assert.Equal("They were connected, but no sound came from the called side.", CallStory.Of(call, new Texts()).Verdict);
    }

    [Theory]
    [InlineData(9, 1, 1, "They were connected, but what came from the called side could not be decrypted.")]
    [InlineData(1, 9, 1, "They were connected, but sound for the called side came from another address than its own.")]
    [InlineData(0, 1, 9, "They were connected, but what came from the called side was no RTP.")]
    public void Sound_that_came_and_could_not_be_taken_is_another_fault_than_none(long unauthentic, long strangers, long malformed, string verdict)
    {
        LegMedia leg = new() { Party = CallParty.Callee, PacketsSent = 3000, PacketsUnauthentic = unauthentic, StrangersDropped = strangers, PacketsMalformed = malformed };
        CallStory story = CallStory.Of(Calls.Record(CallDisposition.Answered, 200, s_start, leg), new Texts());
        Assert.Equal(verdict, story.Verdict);
        Assert.Contains("the called side", story.Advice, StringComparison.Ordinal);
        Assert.Equal(unauthentic + strangers + malformed, CallStory.Refused(leg));
        Assert.Equal($"{unauthentic} could not be decrypted, {strangers} came from another address, {malformed} were no RTP", CallStory.RefusedOf(leg, new Texts()));
        Assert.Null(CallStory.RefusedOf(leg with { PacketsUnauthentic = 0, StrangersDropped = 0, PacketsMalformed = 0 }, new Texts()));
    }

    [Fact]
    public void Lost_packets_are_said_in_percent()
    {
        CallRecordDto call = Calls.Record(CallDisposition.Answered, 200, s_start, new LegMedia { Party = CallParty.Caller, PacketsReceived = 900, PacketsLost = 100 });
        Assert.Equal(0.1, CallStory.LossOf(call.Media[0]), 3);
        Assert.Contains("10", CallStory.Of(call, new Texts()).Verdict, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No media received", "Why: no sound came from one side any more")]
    [InlineData("Session timer expired", "Why: one side gave no sign of life any more (session timer)")]
    [InlineData("<b>what a peer said</b>", "Why: <b>what a peer said</b>")]
    public void A_call_that_the_system_ended_says_why(string reason, string sentence)
    {
        CallRecordDto call = Calls.Record(CallDisposition.Answered, 200, s_start) with { ReleasedBy = CallParty.System, Reason = reason };
        CallStep why = CallStory.Of(call, new Texts()).Steps[^1];
        Assert.Equal((sentence, CallStepKind.Bad), (why.Text, why.Kind));
    }

    [Fact]
    public void Sound_that_was_poor_is_said_with_what_to_do()
    {
        CallRecordDto call = Calls.Record(CallDisposition.Answered, 200, s_start, new LegMedia { Party = CallParty.Caller, PacketsReceived = 900, Mos = 2.4 });
        CallStory story = CallStory.Of(call, new Texts());
        Assert.Equal("They talked, but what the caller said sounded poor (MOS 2.4).", story.Verdict);
        Assert.NotNull(story.Advice);
        Assert.Equal("bad (2.4)", CallStory.QualityOf(call.Media[0], new Texts()));
        Assert.Equal("–", CallStory.QualityOf(call.Media[0] with { Mos = null }, new Texts()));
        LegMedia leg = call.Media[0] with { PtimeMilliseconds = 20, SentPtimeMilliseconds = 30 };
        Assert.Equal("20 ms in, 30 ms out", CallStory.PacketTimesOf(leg, new Texts()));
        Assert.Equal("20 ms", CallStory.PacketTimesOf(leg with { SentPtimeMilliseconds = 20 }, new Texts()));
        Assert.Equal("30 ms", CallStory.PacketTimesOf(leg with { PtimeMilliseconds = 0 }, new Texts()));
        Assert.Equal("–", CallStory.PacketTimesOf(leg with { PtimeMilliseconds = 0, SentPtimeMilliseconds = 0 }, new Texts()));
    }

    [Fact]
    public void A_good_call_ends_well()
    {
        CallStory story = CallStory.Of(Calls.Record(CallDisposition.Answered, 200, s_start), new Texts());
        Assert.Null(story.Advice);
        Assert.Equal(["0.0 s", "3.0 s", "63.0 s"], story.Steps.Select(step => step.At));
    }
}
