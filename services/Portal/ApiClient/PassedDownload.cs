using System.Net;

namespace CloudPbx.Portal.ApiClient;

/// <summary>A file of the API for the browser, with the rights of its user; it is passed on as it comes, and parts of it as they are asked for.</summary>
internal static class PassedDownload
{
    private static readonly string[] s_kept = ["Content-Range", "Accept-Ranges", "Content-Length", "Last-Modified"];

    /// <summary>Passes a file on.</summary>
    /// <param name="http">The browser's request.</param>
    /// <param name="type">What the file is.</param>
    /// <param name="open">Asks the API, for a range if the browser did.</param>
    /// <param name="fileName">What the browser saves it as; null: it does not.</param>
    public static async Task PassAsync(HttpContext http, string type, Func<string?, Task<HttpResponseMessage>> open, string? fileName = null)
    {
        try
        {
            using HttpResponseMessage answer = await open(http.Request.Headers.Range is [{ Length: > 0 } asked] ? asked : null);
            http.Response.StatusCode = answer.StatusCode == HttpStatusCode.PartialContent ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK;
            http.Response.ContentType = type;
            http.Response.Headers.CacheControl = "no-store";            // what was said stays on no disk
            if (fileName is not null)
                http.Response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
            foreach (string name in s_kept)
            {
                if (answer.Headers.TryGetValues(name, out IEnumerable<string>? values) || answer.Content.Headers.TryGetValues(name, out values))
                    http.Response.Headers[name] = values.ToArray();
            }
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (ApiProblemException fault)
        {
            http.Response.StatusCode = fault.Problem.Status is 0 ? StatusCodes.Status502BadGateway : fault.Problem.Status;
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException or OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // the listener has heard enough
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            http.Abort();                                               // the file broke off: half of it must not look like the whole
        }
    }
}
