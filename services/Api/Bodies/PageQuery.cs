using System.Globalization;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Bodies;

/// <summary>Which page of a list is asked for: <c>?after=…&amp;limit=…</c>.</summary>
internal readonly record struct PageQuery(string? After, int Limit)
{
    public static PageQuery Read(HttpRequest request, RequestErrors errors)
    {
        ApiOptions options = request.HttpContext.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value;
        int limit = options.PageSize;
        string? text = request.Query["limit"];
        if (text is not null && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1 || limit > options.MaximumPageSize))
            errors.Add("limit", $"Must be a whole number from 1 to {options.MaximumPageSize}.");
        string? after = request.Query["after"];
        return new PageQuery(string.IsNullOrEmpty(after) ? null : after, limit);
    }
}
