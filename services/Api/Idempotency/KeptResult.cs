using CloudPbx.Data.Keys;
using CloudPbx.State.Answers;

namespace CloudPbx.Api.Idempotency;

/// <summary>A result that is kept while it is written. What failed by our fault is not kept: sending it again is right.</summary>
internal sealed class KeptResult(IResult inner, string name, byte[] request, AnswerStore answers, PlatformSeal seal) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        Stream original = httpContext.Response.Body;
        using MemoryStream copy = new();
        httpContext.Response.Body = copy;
        try
        {
            await inner.ExecuteAsync(httpContext);
        }
        finally
        {
            httpContext.Response.Body = original;
        }
        byte[] body = copy.ToArray();
        bool keep = httpContext.Response.StatusCode < StatusCodes.Status500InternalServerError;
        await answers.EndAsync(name, keep ? KeptAnswer.Write(httpContext.Response, body, request, seal, name) : null, CancellationToken.None);
        await original.WriteAsync(body, httpContext.RequestAborted);
    }
}
