using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Events;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Users;
using CloudPbx.Data.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>Webhooks of a tenant, or of a reseller for the events of its tenants. A secret is told once and stored sealed.</summary>
internal static class WebhookEndpoints
{
    /// <summary>Maps the webhooks of the place that a group is about.</summary>
    /// <param name="group">The group: a reseller or a tenant.</param>
    /// <param name="place">What the operations' names end with.</param>
    public static void MapWebhooks(this RouteGroupBuilder group, string place)
    {
        RouteGroupBuilder hooks = group.MapGroup("/webhooks").WithTags("Webhooks");
        hooks.MapGet("/", ListAsync).WithName($"List{place}Webhooks");
        hooks.MapPost("/", CreateAsync).WithName($"Create{place}Webhook").Takes<NewWebhook>()
            .WithSummary("Sends events to a URL from now on; the answer has the secret that they are signed with, which is never told again.");
        hooks.MapGet("/{webhook}", GetAsync).WithName($"Get{place}Webhook");
        hooks.MapPut("/{webhook}", ChangeAsync).WithName($"Change{place}Webhook").Takes<NewWebhook>().WithSummary("Changes it; one that was off begins with what happens from now on.");
        hooks.MapDelete("/{webhook}", DeleteAsync).WithName($"Delete{place}Webhook");
        hooks.MapPost("/{webhook}/secret", RotateAsync).WithName($"Rotate{place}WebhookSecret").WithSummary("Makes a new secret; for a day deliveries are signed with the one before, too.");
        hooks.MapPost("/{webhook}/test", TestAsync).WithName($"Test{place}Webhook").WithSummary("Sends the event webhook.test.");
        hooks.MapPost("/{webhook}/replay", ReplaySinceAsync).WithName($"Replay{place}Webhook").Takes<NewReplay>().WithSummary("Sends all events since an instant once more, with their identifiers.");
        hooks.MapGet("/{webhook}/deliveries", DeliveriesAsync).WithName($"List{place}WebhookDeliveries").WithSummary("Lists what was sent or is to be, the newest first.")
            .WithMetadata([new QueryParameter("state", "Only deliveries that stand so: pending, delivered or failed."), .. QueryParameter.Page]);
        hooks.MapPost("/{webhook}/deliveries/{delivery}/replay", ReplayAsync).WithName($"Replay{place}WebhookDelivery").WithSummary("Sends one delivery once more.");
    }

    internal static async Task<Ok<Page<WebhookDto>>> ListAsync(HttpContext http, WebhookStore store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<WebhookDto>([.. (await store.ListAsync(RequestOwner.Of(http), cancel)).Select(WebhookMapping.ToDto)], null));

    internal static async Task<Results<Ok<WebhookDto>, ProblemHttpResult>> GetAsync(string webhook, HttpContext http, WebhookStore store, CancellationToken cancel)
    {
        if (await FindAsync(webhook, http, store, cancel) is not { } row)
            return Missing();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto());
    }

    internal static async Task<Results<Created<WebhookDto>, ProblemHttpResult>> CreateAsync(
        HttpContext http, JsonBody body, WebhookStore store, WebhookTargets targets, EventInterest interest, PlatformSeal seal, IOptions<WebhookOptions> options, TimeProvider time, CancellationToken cancel)
    {
        (NewWebhook wish, RequestErrors errors) = await ReadAsync(body, targets, cancel);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        UserOwner owner = RequestOwner.Of(http);
        if ((await store.ListAsync(owner, cancel)).Count >= options.Value.MostOfOne)
            return Answers.PlanLimit($"There are {options.Value.MostOfOne} webhooks already. Delete those that are not used.");
        WebhookId id = WebhookId.New();
        (string secret, byte[] sealedSecret) = WebhookSecret.New(seal, id);
        GlobalWebhook row = new()
        {
            Id = id, TenantId = owner.TenantId, ResellerId = owner.ResellerId, Name = wish.Name, Url = wish.Url, Types = wish.Types ?? [], Enabled = wish.Enabled ?? true, SealedSecret = sealedSecret,
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        await store.AddAsync(row, cancel);
        interest.Changed();
        http.Response.Headers.CacheControl = "no-store";
        EntityTags.Write(http, row);
        return TypedResults.Created($"{http.Request.Path}/{id}", row.ToDto() with { Secret = secret });
    }

    internal static async Task<Results<Ok<WebhookDto>, ProblemHttpResult>> ChangeAsync(
        string webhook, HttpContext http, JsonBody body, WebhookStore store, WebhookTargets targets, EventInterest interest, CancellationToken cancel)
    {
        (NewWebhook wish, RequestErrors errors) = await ReadAsync(body, targets, cancel);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (!WebhookId.TryParse(webhook, null, out WebhookId id))
            return Missing();
        bool stale = false;
        (GlobalWebhook? row, SaveOutcome outcome) = await store.ChangeAsync(RequestOwner.Of(http), id, Apply, skip: true, cancel);
        if (row is null)
            return Missing();
        if (outcome != SaveOutcome.Saved)
            return stale ? Answers.ChangedSinceRead() : Answers.Refused(outcome);
        interest.Changed();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto());

        bool Apply(GlobalWebhook found)
        {
            stale = !EntityTags.Allow(http, found);
            if (stale)
                return false;
            (found.Name, found.Url, found.Types, found.Enabled) = (wish.Name, wish.Url, wish.Types ?? [], wish.Enabled ?? true);
            (found.Failures, found.FailingSince, found.PausedUntil) = (0, null, null);      // somebody has looked after it
            if (found.Enabled)
                (found.DisabledReason, found.DisabledAt) = (null, null);
            return true;
        }
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string webhook, HttpContext http, WebhookStore store, EventInterest interest, CancellationToken cancel)
    {
        if (!WebhookId.TryParse(webhook, null, out WebhookId id) || !await store.RemoveAsync(RequestOwner.Of(http), id, cancel))
            return Missing();
        interest.Changed();
        return TypedResults.NoContent();
    }

    internal static async Task<Results<Ok<WebhookDto>, ProblemHttpResult>> RotateAsync(
        string webhook, HttpContext http, WebhookStore store, PlatformSeal seal, IOptions<WebhookOptions> options, TimeProvider time, CancellationToken cancel)
    {
        if (!WebhookId.TryParse(webhook, null, out WebhookId id))
            return Missing();
        (string secret, byte[] sealedSecret) = WebhookSecret.New(seal, id);
        DateTime until = time.GetUtcNow().UtcDateTime.AddHours(options.Value.PreviousSecretHours);
        (GlobalWebhook? row, SaveOutcome outcome) = await store.ChangeAsync(RequestOwner.Of(http), id, Apply, skip: false, cancel);
        if (row is null)
            return Missing();
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(row.ToDto() with { Secret = secret });

        bool Apply(GlobalWebhook found)
        {
            (found.SealedPreviousSecret, found.PreviousSecretUntil, found.SealedSecret) = (found.SealedSecret, until, sealedSecret);
            return true;
        }
    }

    internal static async Task<Results<Accepted<WebhookDeliveryDto>, ProblemHttpResult>> TestAsync(string webhook, HttpContext http, WebhookStore store, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(webhook, http, store, cancel) is not { } row)
            return Missing();
        if (!row.Enabled)
            return Off();
        DateTime now = time.GetUtcNow().UtcDateTime;
        GlobalWebhookDelivery delivery = new()
        {
            Id = Guid.CreateVersion7(), WebhookId = row.Id, TenantId = row.TenantId, EventId = Guid.CreateVersion7(), Sequence = 0, Type = EventTypes.WebhookTest, CreatedAt = now, NextAttemptAt = now,
            Payload = WebhookPayload.OfTest(EventTypes.WebhookTest, now, row.TenantId, new { webhook = row.Name }),
        };
        await store.SendAsync(delivery, cancel);
        return TypedResults.Accepted((string?)null, delivery.ToDto());
    }

    internal static async Task<Results<Ok<Page<WebhookDeliveryDto>>, ProblemHttpResult>> DeliveriesAsync(string webhook, HttpContext http, WebhookStore store, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(http.Request, errors);
        Guid before = Guid.AllBitsSet;
        if (page.After is not null && !Guid.TryParse(page.After, out before))
            errors.Add("after", "Must be the value of next from the page before.");
        DeliveryState? state = null;
        if (http.Request.Query["state"].ToString() is { Length: > 0 } text)
        {
            if (Enum.TryParse(text, ignoreCase: true, out DeliveryState parsed) && Enum.IsDefined(parsed) && !char.IsAsciiDigit(text[0]))
                state = parsed;
            else
                errors.Add("state", "Must be one of pending, delivered, failed.");
        }
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await FindAsync(webhook, http, store, cancel) is not { } row)
            return Missing();
        IReadOnlyList<GlobalWebhookDelivery> found = await store.DeliveriesAsync(row, state, before, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<WebhookDeliveryDto>(
            [.. found.Take(page.Limit).Select(WebhookMapping.ToDto)], found.Count > page.Limit ? found[page.Limit - 1].Id.ToString("N") : null));
    }

    internal static async Task<Results<Accepted<WebhookDeliveryDto>, ProblemHttpResult>> ReplayAsync(
        string webhook, string delivery, HttpContext http, WebhookStore store, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(webhook, http, store, cancel) is not { } row)
            return Missing();
        if (!row.Enabled)
            return Off();
        return Guid.TryParse(delivery, out Guid id) && await store.ReplayAsync(row, id, time.GetUtcNow().UtcDateTime, cancel) is { } again
            ? TypedResults.Accepted((string?)null, again.ToDto())
            : Answers.NotFound("This webhook has no such delivery.");
    }

    internal static async Task<Results<Accepted<ReplayedDto>, ProblemHttpResult>> ReplaySinceAsync(
        string webhook, HttpContext http, JsonBody body, WebhookStore store, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string since = reader.Required("since", Instants.Rule);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await FindAsync(webhook, http, store, cancel) is not { } row)
            return Missing();
        if (!row.Enabled)
            return Off();
        return await store.ReplayAsync(row, Instants.Parse(since), time.GetUtcNow().UtcDateTime, cancel) is { } count
            ? TypedResults.Accepted((string?)null, new ReplayedDto(count))
            : Answers.Conflict($"More than {WebhookStore.MostReplayed} events happened since then. Choose a later instant.");
    }

    private static async Task<(NewWebhook Wish, RequestErrors Errors)> ReadAsync(JsonBody body, WebhookTargets targets, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string name = reader.Required("name", Rules.DeviceName), url = reader.Required("url", targets.Fault);
        IReadOnlyList<string>? types = reader.Texts("types", TypeRule, EventTypes.All.Count);
        bool? enabled = reader.OptionalBoolean("enabled");
        reader.Finish();
        if (!errors.Any && await targets.FaultAsync(new Uri(url), cancel) is { } fault)
            reader.Fault("url", fault);
        return (new NewWebhook { Name = name, Url = url, Types = [.. (types ?? []).Distinct()], Enabled = enabled }, errors);
    }

    private static string? TypeRule(string text) => EventTypes.All.Contains(text) ? null : $"Must be one of {string.Join(", ", EventTypes.All)}.";

    private static async Task<GlobalWebhook?> FindAsync(string webhook, HttpContext http, WebhookStore store, CancellationToken cancel) =>
        WebhookId.TryParse(webhook, null, out WebhookId id) ? await store.FindAsync(RequestOwner.Of(http), id, cancel) : null;

    private static ProblemHttpResult Missing() => Answers.NotFound("There is no such webhook here.");

    private static ProblemHttpResult Off() => Answers.Conflict("The webhook is off. Switch it on first.");
}
