using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Components;

/// <summary>A call as a story that its caller would understand: what happened, why it ended, what to do about it.</summary>
/// <param name="Verdict">In one sentence.</param>
/// <param name="Steps">What happened, in order.</param>
/// <param name="Advice">What to do, or <see langword="null"/>.</param>
public sealed record CallStory(string Verdict, IReadOnlyList<CallStep> Steps, string? Advice)
{
    private const int NobodyAnswered = 19;                                      // ITU-T Q.850: no answer from user (user alerted)
    private const double NoticeableLoss = 0.03;

    /// <summary>Tells a call.</summary>
    /// <param name="call">Its record.</param>
    /// <param name="texts">The words.</param>
    public static CallStory Of(CallRecordDto call, Texts texts)
    {
        List<CallStep> steps = [new(After(call, call.StartedAt, texts), texts["story.dialled", call.CallerNumber, call.CalledNumber], CallStepKind.Plain)];
        // When each of them was, the record does not say: they stand between the dialling and the end.
        steps.AddRange(call.Steps.Where(step => step.Rule.StartsWith("forward-", StringComparison.Ordinal)).Select(step => new CallStep("", RoutingWords.Sentence(texts, step), CallStepKind.Plain)));
        string by = texts["party." + call.ReleasedBy.ToString().ToLowerInvariant()];
        string end = After(call, call.EndedAt, texts);
        if (call.AnsweredAt is { } answered)
        {
            steps.Add(new CallStep(After(call, answered, texts), texts["story.answered", call.AnsweredBy ?? call.CalledNumber], CallStepKind.Good));
            steps.Add(new CallStep(end, texts["story.hung-up", by, Clock.Length(TimeSpan.FromMilliseconds(call.TalkMilliseconds))], CallStepKind.Plain));
            if (call is { ReleasedBy: CallParty.System, Reason: { Length: > 0 } reason })
                steps.Add(new CallStep(end, texts["story.because", ReasonIn(texts, reason)], CallStepKind.Bad));
            (string verdict, string? advice) = Audio(call, texts);
            return new CallStory(verdict, steps, advice);
        }
        string cause = CauseOf(call);
        if (call.TrunkName is { } trunk && call.TrunkStatus is { } carrier)
            steps.Add(new CallStep(end, carrier == 0 ? texts["story.carrier-silent", trunk] : texts["story.carrier-said", trunk, carrier], CallStepKind.Plain));
        steps.Add(new CallStep(end, texts["story." + cause, call.CalledNumber, call.CallerNumber], cause is "cancelled" ? CallStepKind.Plain : CallStepKind.Bad));
        if (call.SipStatus != 0)
            steps.Add(new CallStep(end, texts["story.told", string.Create(CultureInfo.InvariantCulture, $"{call.SipStatus} {call.Reason}").Trim()], CallStepKind.Plain));
        return new CallStory(texts["story." + cause, call.CalledNumber, call.CallerNumber], steps, texts.Find($"advice.{cause}") is { } help ? string.Format(CultureInfo.CurrentCulture, help, call.CalledNumber, call.CallerNumber) : null);
    }

    /// <summary>How much sound a packet held: one figure, or two where what came from the party and what went to it differ.</summary>
    /// <param name="leg">The party's figures.</param>
    /// <param name="texts">The words.</param>
    public static string PacketTimesOf(LegMedia leg, Texts texts) => (leg.PtimeMilliseconds, leg.SentPtimeMilliseconds) switch
    {
        (0, 0) => "–",
        (var from, var to) when from == to || to == 0 => texts["call.milliseconds", from],
        (0, var to) => texts["call.milliseconds", to],
        (var from, var to) => texts["call.packet-times", from, to],
    };

    /// <summary>How much of what a party sent did not arrive.</summary>
    /// <param name="leg">The party's figures.</param>
    public static double LossOf(LegMedia leg) => leg.PacketsReceived + leg.PacketsLost is var sent and > 0 ? (double)leg.PacketsLost / sent : 0;

    /// <summary>Packets that reached the media node for a party and were not taken, whatever was wrong with them.</summary>
    /// <param name="leg">The party's figures.</param>
    public static long Refused(LegMedia leg) => leg.StrangersDropped + leg.PacketsUnauthentic + leg.PacketsMalformed;

    /// <summary>What was wrong with them, in a sentence; <see langword="null"/> where all were taken.</summary>
    /// <param name="leg">The party's figures.</param>
    /// <param name="texts">The words.</param>
    public static string? RefusedOf(LegMedia leg, Texts texts) => Refused(leg) == 0 ? null : texts["call.refused-why", leg.PacketsUnauthentic, leg.StrangersDropped, leg.PacketsMalformed];

    /// <summary>How what a party sent sounded: a word, and the mean opinion score that it stands for.</summary>
    /// <param name="leg">The party's figures.</param>
    /// <param name="texts">The words.</param>
    public static string QualityOf(LegMedia leg, Texts texts) => leg.Mos is not { } mos ? "–" : string.Create(CultureInfo.CurrentCulture, $"{texts[QualityKey(mos)]} ({mos:N1})");

    /// <summary>The key of the word for a mean opinion score.</summary>
    /// <param name="mos">The score.</param>
    internal static string QualityKey(double mos) => "quality." + MeanOpinionScore.ClassOf(mos).ToString().ToLowerInvariant();

    /// <summary>The key of why a call was not answered.</summary>
    internal static string CauseOf(CallRecordDto call) => (call.SipStatus, call.Disposition) switch
    {
        // What is between the carrier and us the caller's phone hears as our fault; who reads this can mend it.
        (>= 500, _) when call.TrunkStatus is 0 or 430 or 503 => "carrier-away",
        (>= 500, _) when call.TrunkStatus is 401 or 407 => "password",
        (480, _) when call.Q850Cause is NobodyAnswered => "no-answer",                        // it rang until the time was up: phones there were
        (487, _) or (_, CallDisposition.Cancelled) => "cancelled",
        (486 or 600, _) or (_, CallDisposition.Busy) => "busy",
        (404 or 410 or 604, _) => "unknown-number",
        (484, _) => "too-short",
        (480, _) => "no-phone",
        (408, _) or (_, CallDisposition.NoAnswer) => "no-answer",
        (488 or 606 or 415, _) => "no-common-media",
        (403, _) => "barred",
        (401 or 407, _) => "password",
        (603, _) or (_, CallDisposition.Rejected) => "declined",
        (502 or 504, _) => "carrier-away",
        (503, _) => "overload",
        _ => "fault",
    };

    private static (string Verdict, string? Advice) Audio(CallRecordDto call, Texts texts)
    {
        foreach (LegMedia leg in call.Media.Where(_ => call.TalkMilliseconds > 2000))
        {
            string party = texts["party." + leg.Party.ToString().ToLowerInvariant()];
            if (leg.PacketsReceived == 0)
                return (texts[$"story.silent{WhyRefused(leg)}", party], texts[$"advice.silent{WhyRefused(leg)}", party]);
            if (LossOf(leg) > NoticeableLoss)
                return (texts["story.lossy", party, LossOf(leg).ToString("P0", CultureInfo.CurrentCulture)], texts["advice.lossy"]);
            if (leg.Mos is { } mos and < MeanOpinionScore.Poor)
                return (texts["story.poor", party, mos.ToString("N1", CultureInfo.CurrentCulture)], texts["advice.poor"]);
        }
        return (texts["story.good", Clock.Length(TimeSpan.FromMilliseconds(call.TalkMilliseconds))], null);
    }

    // Sound that came and could not be taken is another fault than sound that never came.
    private static string WhyRefused(LegMedia leg) => Refused(leg) is 0 ? ""
        : leg.PacketsUnauthentic >= Math.Max(leg.StrangersDropped, leg.PacketsMalformed) ? "-unauthentic"
        : leg.StrangersDropped >= leg.PacketsMalformed ? "-stranger"
        : "-malformed";

    // Our own reasons have words; a peer's says itself.
    private static string ReasonIn(Texts texts, string reason) => texts.Find("cause." + reason.Replace(' ', '-').ToLowerInvariant()) ?? reason;

    private static string After(CallRecordDto call, DateTime instant, Texts texts) =>
        texts["ladder.seconds", Math.Max(0, (instant - call.StartedAt).TotalSeconds).ToString("N1", CultureInfo.CurrentCulture)];
}
