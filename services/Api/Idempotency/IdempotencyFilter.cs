using System.Security.Cryptography;
using System.Text;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Data.Keys;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Answers;

namespace CloudPbx.Api.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c> on POST: who sends a request again, because the answer was lost, gets the first answer again, for 24 hours, and nothing is done twice. A key belongs to
/// its token's subject.
/// </summary>
internal sealed class IdempotencyFilter(AnswerStore answers, PlatformSeal seal) : IEndpointFilter
{
    public const string Header = "Idempotency-Key";

    private const int LongestKey = 200;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.Headers[Header].ToString() is not { Length: > 0 } key)
            return await next(context);
        if (key.Length > LongestKey || key.Any(c => c is < '!' or > '~'))
            return Answers.Invalid(new Dictionary<string, string[]> { [Header] = [$"Must be 1 to {LongestKey} visible ASCII characters, for example a UUID."] });
        string name = $"{http.RequestServices.GetRequiredService<Caller>().Subject}/{key}";
        byte[] request = SHA256.HashData([
            .. Encoding.UTF8.GetBytes($"{http.Request.Path}{http.Request.QueryString}\n"), .. context.Arguments.OfType<IRequestBody>().FirstOrDefault()?.Hash ?? [],
        ]);
        (bool isThere, byte[]? earlier) = await answers.BeginAsync(name, KeptAnswer.UnderWay(request), http.RequestAborted);
        if (!isThere)
            return Answers.LiveStateAway("Whether this request was sent before cannot be told now, so nothing was done. Try again in a few seconds.");
        if (earlier is not null)
            return KeptAnswer.Read(earlier, request, seal, name) switch
            {
                (KeptAnswer.State.Done, { } again) => again,
                (KeptAnswer.State.UnderWay, _) => Answers.Conflict("The same request is under way. Wait for its answer, or send it again in a minute."),
                _ => TypedResults.Problem(
                    statusCode: StatusCodes.Status422UnprocessableEntity, type: ProblemTypes.Conflict, title: "The key was used before.",
                    detail: "Another request had this Idempotency-Key. Each request needs a key of its own."),
            };
        try
        {
            return await next(context) is IResult result ? new KeptResult(result, name, request, answers, seal) : null;
        }
        catch
        {
            await answers.EndAsync(name, null, CancellationToken.None);
            throw;
        }
    }
}
