using CloudPbx.Api.Access;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using CloudPbx.Hosting.Web.Addresses;

namespace CloudPbx.Api.Audit;

/// <summary>Writes down who changed what of a tenant, once it is done. A write that cannot be written down is told to the log: it is done already.</summary>
internal sealed partial class AuditFilter(IPbxDatabase database, TimeProvider time, ILogger<AuditFilter> logger) : IEndpointFilter
{
    private const int LongestTarget = 300;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        object? answer = await next(context);
        HttpContext http = context.HttpContext;
        TenantContext tenant = http.RequestServices.GetRequiredService<TenantContext>();
        int status = StatusOf(answer);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) || !tenant.IsSet || status >= StatusCodes.Status300MultipleChoices)
            return answer;
        Caller caller = http.RequestServices.GetRequiredService<Caller>();
        string target = http.Request.Path.ToString(), action = http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? http.Request.Method;
        try
        {
            await using PbxDbContext db = database.OpenTenant(tenant.TenantId);
            db.AuditEntries.Add(new AuditEntry
            {
                TenantId = tenant.TenantId, Id = Guid.CreateVersion7(), At = time.GetUtcNow().UtcDateTime, Actor = caller.Subject, ActorName = caller.Name, Action = action,
                Target = target.Length > LongestTarget ? target[..LongestTarget] : target, Status = status, Address = ForwardedVisitor.AddressOf(http)?.ToString(),
            });
            if (await db.TrySaveAsync(CancellationToken.None) is not (SaveOutcome.Saved or SaveOutcome.MissingReference))        // missing: the tenant itself was deleted
                LogNotWritten(action, "conflict");
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogNotWritten(action, fault.GetBaseException().Message);
        }
        return answer;
    }

    private static int StatusOf(object? answer) => answer switch
    {
        INestedHttpResult nested => StatusOf(nested.Result),
        IStatusCodeHttpResult { StatusCode: { } status } => status,
        _ => StatusCodes.Status200OK,
    };

    [LoggerMessage(LogLevel.Error, "{Action} is done and not in the audit log: {Fault}")]
    private partial void LogNotWritten(string action, string fault);
}
