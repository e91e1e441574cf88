using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Grains;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Calls;

/// <summary>What a program does to live calls: makes them, holds, mutes, records and supervises.</summary>
internal static class LiveCallEndpoints
{
    private const string NoCall = "This tenant has no such call.";
    private const string Away = "The tenant's worker does not answer. Try again in a few seconds.";
    private const int LongestAnswerAfter = 60;

    public static void MapLiveCalls(this RouteGroupBuilder calls)
    {
        RouteGroupBuilder group = calls.MapGroup("/live");
        group.MapPost("/", OriginateAsync).For(UserRole.User).WithName("OriginateCall").Takes<NewCall>()
            .WithSummary("Makes a call for an extension: its phones ring, and when one answers the destination is called by the extension's rights and limits. A user may do so for their own extension.");
        Act("hold", "HoldCall", CallAction.Hold, "Has a party hold: the other one hears music, and it hears nothing. Its phone knows nothing of it.");
        Act("resume", "ResumeCall", CallAction.Resume, "Ends a hold that a program began.");
        Act("mute", "MuteCall", CallAction.Mute, "Mutes a party: nobody hears it, in a conference neither. It hears the other one still.");
        Act("unmute", "UnmuteCall", CallAction.Unmute, "Lets a party be heard again.");
        group.MapPost("/{call}/recording", RecordAsync).WithName("RecordCall").Takes<RecordingWish>()
            .WithSummary("Begins, pauses, resumes or ends the recording of a live call, as *1 on a phone does.");
        group.MapPost("/{call}/supervision", SuperviseAsync).WithName("SuperviseCall").Takes<NewSupervision>()
            .WithSummary("Lets a supervisor hear a call, whisper to one party or speak to both: the supervisor's phones ring. Only where the tenant's settings permit it; each use is in the audit log.");
        group.MapPut("/{call}/supervision/{supervision}", ChangeSupervisionAsync).WithName("ChangeSupervision").Takes<SupervisionChange>()
            .WithSummary("Changes who hears the supervisor.");
        group.MapDelete("/{call}/supervision/{supervision}", EndSupervisionAsync).WithName("EndSupervision").WithSummary("Ends a supervision; the call goes on.");

        void Act(string path, string name, CallAction action, string summary) => group
            .MapPost($"/{{call}}/{path}", (string call, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel) => ActAsync(call, action, body, tenant, door, cancel))
            .WithName(name).Takes<CallPartyChoice>().WithSummary(summary);
    }

    internal static async Task<Results<Accepted<LiveCallDto>, ProblemHttpResult>> OriginateAsync(JsonBody body, Caller caller, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        OriginateOrder order = new()
        {
            From = reader.Required("from", Rules.ExtensionNumber),
            To = reader.Required("to", Rules.Dialled),
            AnswerAfterSeconds = reader.OptionalInteger("answerAfter", 0, LongestAnswerAfter),
        };
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if ((caller.OwnNumber ?? order.From) != order.From)
            return Answers.Forbidden("A user makes calls for their own extension only.");
        return Begun(await door.OriginateAsync(tenant.TenantId, order, cancel), "from");
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> ActAsync(string call, CallAction action, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        CallParty? party = ReadParty(reader);
        if (!reader.Has("party"))
            reader.Fault("party", "Must be \"caller\" or \"callee\".");
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        return !CallId.TryParse(call, out CallId id) ? Answers.NotFound(NoCall) : Done(await door.ActAsync(tenant.TenantId, id, action, party, cancel));
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> RecordAsync(string call, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        RecordingStep? step = reader.OptionalEnum<RecordingStep>("step");
        if (!reader.Has("step"))
            reader.Fault("step", "Is missing: it must be there.");
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        CallAction action = step switch
        {
            RecordingStep.Start => CallAction.StartRecording,
            RecordingStep.Pause => CallAction.PauseRecording,
            RecordingStep.Resume => CallAction.ResumeRecording,
            _ => CallAction.StopRecording,
        };
        return !CallId.TryParse(call, out CallId id) ? Answers.NotFound(NoCall) : Done(await door.ActAsync(tenant.TenantId, id, action, null, cancel));
    }

    internal static async Task<Results<Accepted<LiveCallDto>, ProblemHttpResult>> SuperviseAsync(string call, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string supervisor = reader.Required("supervisor", Rules.ExtensionNumber);
        SupervisionMode mode = reader.OptionalEnum<SupervisionMode>("mode") ?? SupervisionMode.Listen;
        CallParty? party = ReadParty(reader);
        int? answerAfter = reader.OptionalInteger("answerAfter", 0, LongestAnswerAfter);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (!CallId.TryParse(call, out CallId id))
            return Answers.NotFound(NoCall);
        SuperviseOrder order = new() { Call = id, Supervisor = supervisor, Mode = mode, Party = party, AnswerAfterSeconds = answerAfter };
        return Begun(await door.SuperviseAsync(tenant.TenantId, order, cancel), "supervisor");
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> ChangeSupervisionAsync(
        string call, string supervision, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        SupervisionMode? mode = reader.OptionalEnum<SupervisionMode>("mode");
        if (!reader.Has("mode"))
            reader.Fault("mode", "Is missing: it must be there.");
        reader.Finish();
        return errors.Any ? Answers.Invalid(errors.ToDictionary()) : await ChangeAsync(call, supervision, mode, tenant, door, cancel);
    }

    internal static Task<Results<NoContent, ProblemHttpResult>> EndSupervisionAsync(string call, string supervision, TenantContext tenant, ITenantDoor door, CancellationToken cancel) =>
        ChangeAsync(call, supervision, null, tenant, door, cancel);

    private static async Task<Results<NoContent, ProblemHttpResult>> ChangeAsync(
        string call, string supervision, SupervisionMode? mode, TenantContext tenant, ITenantDoor door, CancellationToken cancel) =>
        CallId.TryParse(call, out CallId supervised) && CallId.TryParse(supervision, out CallId supervisor)
            ? Done(await door.ChangeSupervisionAsync(tenant.TenantId, supervised, supervisor, mode, cancel))
            : Answers.NotFound(NoCall);

    private static CallParty? ReadParty(ObjectReader reader)
    {
        CallParty? party = reader.OptionalEnum<CallParty>("party");
        if (party is CallParty.System)
            reader.Fault("party", "Must be \"caller\" or \"callee\".");
        return party;
    }

    private static Results<Accepted<LiveCallDto>, ProblemHttpResult> Begun(OriginateAnswer? answer, string member) => answer switch
    {
        { Call: { } call } => TypedResults.Accepted((string?)null, call.ToDto()),
        { Fault: OriginateFault.UnknownExtension } => Answers.Invalid(new Dictionary<string, string[]> { [$"$.{member}"] = ["Must be one of this tenant's extensions."] }),
        { Fault: OriginateFault.NobodyRegistered } => Answers.CallState("No phone of that extension is registered now, so there is none to ring."),
        { Fault: OriginateFault.Refused } => Answers.CallState("That number leads nowhere, or the extension may not call it. The dry run says why."),
        { Fault: OriginateFault.LimitReached } => Answers.CallState("A limit of this tenant for calls to the outside is reached. The dry run and the event log say which."),
        { Fault: OriginateFault.NoCall } => Answers.NotFound(NoCall),
        { Fault: OriginateFault.NotTalking } => Answers.CallState("In this call no two parties talk with each other now."),
        { Fault: OriginateFault.NotPermitted } => Answers.Forbidden("This tenant does not permit supervision. Its settings have a switch for it (allowSupervision)."),
        { Fault: OriginateFault.InTheCall } => Answers.CallState("That extension takes part in this call, or supervises it already."),
        _ => Answers.LiveStateAway(Away),
    };

    private static Results<NoContent, ProblemHttpResult> Done(CallActionAnswer? answer) => answer switch
    {
        CallActionAnswer.Done => TypedResults.NoContent(),
        CallActionAnswer.NoCall => Answers.NotFound(NoCall),
        CallActionAnswer.NotTalking => Answers.CallState("Nobody talks in this call yet."),
        CallActionAnswer.NoSuchParty => Answers.CallState("There is no such party in this call now: the caller talks with a service, or alone."),
        CallActionAnswer.NotRecorded => Answers.CallState("This call is not recorded now. Begin with the step \"start\"."),
        CallActionAnswer.StorageFull => Answers.PlanLimit("The storage of the plan is full, so no further recording begins. Delete recordings, or ask for a larger plan."),
        CallActionAnswer.NotDecodable => Answers.CallState("The parties of this call talk in a codec that can only be passed on (G.729, AMR), and they did not agree on another one."),
        CallActionAnswer.MediaAway => Answers.LiveStateAway("The media node of this call did not take the command. Try again in a few seconds."),
        _ => Answers.LiveStateAway(Away),
    };
}
