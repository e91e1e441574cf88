using CloudPbx.Api.Access;
using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Addresses;

namespace CloudPbx.Api.Audit;

/// <summary>
/// Writes down who changed what, once it is done: of a tenant in its own log, of a reseller and the platform in the platform's, and what makes or deletes a tenant in both.
/// A write that cannot be written down is told to the log: it is done already.
/// </summary>
internal sealed partial class AuditFilter(IPbxDatabase database, GlobalAuditStore platform, TimeProvider time, ILogger<AuditFilter> logger) : IEndpointFilter
{
    private const int LongestTarget = 300, LongestName = 200;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        object? answer = await next(context);
        HttpContext http = context.HttpContext;
        int status = StatusOf(answer);
        EndpointMetadataCollection? endpoint = http.GetEndpoint()?.Metadata;
        if (status >= StatusCodes.Status300MultipleChoices || http.Features.Get<NothingDone>() is not null || !IsTold(http, endpoint))
            return answer;
        string action = endpoint?.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? http.Request.Method;
        try
        {
            await TellAsync(http, endpoint?.GetMetadata<InPlatformsAudit>() is not null, action, status);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogNotWritten(action, fault.GetBaseException().Message);
        }
        return answer;
    }

    // A reading is told where somebody hears what was said, or reads a password; the parts of a file that a player fetches one by one are one reading.
    private static bool IsTold(HttpContext http, EndpointMetadataCollection? endpoint) => !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
        || (endpoint?.GetMetadata<AuditedReading>() is not null && http.Request.Headers.Range.ToString() is "" or "bytes=0-");

    private async Task TellAsync(HttpContext http, bool inBoth, string action, int status)
    {
        TenantContext tenant = http.RequestServices.GetRequiredService<TenantContext>();
        Caller caller = http.RequestServices.GetRequiredService<Caller>();
        (string actor, string name) = http.Features.Get<AuditActor>() is { } other ? (other.Subject, other.Name) : (caller.Subject, caller.Name);
        string target = Short(http.Request.Path.ToString(), LongestTarget);
        DateTime now = time.GetUtcNow().UtcDateTime;
        string? address = ForwardedVisitor.AddressOf(http)?.ToString();
        TenantId? whose = tenant.IsSet ? tenant.TenantId : caller.TenantId;             // what its people do to their own sign-ins is the tenant's matter, too
        if (whose is { } id)
        {
            await using PbxDbContext db = database.OpenTenant(id);
            db.AuditEntries.Add(new AuditEntry
            {
                TenantId = id, Id = Guid.CreateVersion7(), At = now, Actor = Short(actor, LongestName), ActorName = Short(name, LongestName), Action = action, Target = target, Status = status, Address = address,
            });
            if (await db.TrySaveAsync(CancellationToken.None) is not (SaveOutcome.Saved or SaveOutcome.MissingReference))        // missing: the tenant itself was deleted
                LogNotWritten(action, "conflict");
        }
        // A document that is applied to a tenant that is there makes none.
        if (whose is null || (inBoth && (status == StatusCodes.Status201Created || HttpMethods.IsDelete(http.Request.Method))))
        {
            await platform.AddAsync(
                new GlobalAuditEntry
                {
                    Id = Guid.CreateVersion7(), ResellerId = ResellerOf(http, caller), At = now, Actor = Short(actor, LongestName), ActorName = Short(name, LongestName), Action = action, Target = target, Status = status,
                    Address = address,
                },
                CancellationToken.None);
        }
    }

    /// <summary>Whom it is about: the reseller in the path, the tenant's, or the one who asks.</summary>
    private static ResellerId? ResellerOf(HttpContext http, Caller caller) => http.RequestServices.GetRequiredService<ResellerOfRequest>().Id
        ?? http.Features.Get<TenantOwner>()?.ResellerId ?? (caller.Role == UserRole.Reseller ? caller.ResellerId : null);

    private static string Short(string text, int longest) => text.Length > longest ? text[..longest] : text;

    private static int StatusOf(object? answer) => answer switch
    {
        INestedHttpResult nested => StatusOf(nested.Result),
        IStatusCodeHttpResult { StatusCode: { } status } => status,
        _ => StatusCodes.Status200OK,
    };

    [LoggerMessage(LogLevel.Error, "{Action} is done and not in the audit log: {Fault}")]
    private partial void LogNotWritten(string action, string fault);
}
