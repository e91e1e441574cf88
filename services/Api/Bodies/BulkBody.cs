using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Text;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CloudPbx.Api.Bodies;

/// <summary>A request's body with many rows: a JSON object, or CSV where the content type says so. Binding it never fails; what is wrong is told when it is read.</summary>
internal sealed class BulkBody : IRequestBody
{
    private readonly JsonBody? _json;
    private readonly string? _csv;
    private readonly string? _fault;

    private BulkBody(JsonBody? json, string? csv, string? fault, byte[]? hash) => (_json, _csv, _fault, Hash) = (json, csv, fault, hash);

    /// <inheritdoc/>
    public byte[]? Hash { get; }

    /// <summary>Whether the rows come in CSV.</summary>
    public bool IsCsv => _json is null;

    public static async ValueTask<BulkBody?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type) || !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
        {
            JsonBody json = (await JsonBody.BindAsync(context, parameter))!;
            return new BulkBody(json, null, null, json.Hash);
        }
        int most = context.RequestServices.GetRequiredService<IOptions<ApiOptions>>().Value.MaximumBodyBytes;
        if (await JsonBody.ReadAsync(context.Request.Body, most, context.RequestAborted) is not { } body)
            return new BulkBody(null, null, $"The body is longer than {most} octets. Split it, or raise Api:MaximumBodyBytes.", null);
        try
        {
            return new BulkBody(null, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body), null, SHA256.HashData(body));
        }
        catch (DecoderFallbackException)
        {
            return new BulkBody(null, null, "The text is not UTF-8: save it from the spreadsheet as \"CSV UTF-8\".", SHA256.HashData(body));
        }
    }

    /// <summary>Reads the rows.</summary>
    /// <param name="member">The list's member in JSON.</param>
    /// <param name="columns">The columns that a CSV text may have, in any order; the first must be there.</param>
    /// <param name="convert">Makes of a row what the JSON list would have; its argument gives a column's text, or null where it is empty.</param>
    /// <param name="most">Rows at most.</param>
    /// <param name="errors">Takes what is wrong with the whole.</param>
    public IReadOnlyList<(int Row, JsonElement Element)> Read(string member, IReadOnlyList<string> columns, Func<Func<string, string?>, object> convert, int most, RequestErrors errors)
    {
        List<(int, JsonElement)> rows = [];
        if (_json is { } json)
        {
            ObjectReader reader = json.Read(errors);
            if (!errors.Any && !reader.Has(member))
                reader.Fault(member, "Is missing: it must be there.");
            int place = 0;
            foreach ((JsonElement element, _) in reader.List(member))
                rows.Add((++place, element));
            reader.Finish();
        }
        else
        {
            ReadCsv(rows, columns, convert, errors);
        }
        if (rows.Count > most)
            errors.Add(IsCsv ? "$" : $"$.{member}", $"Must not have more than {most} rows.");
        return rows;
    }

    private void ReadCsv(List<(int, JsonElement)> rows, IReadOnlyList<string> columns, Func<Func<string, string?>, object> convert, RequestErrors errors)
    {
        string? fault = _fault;
        IReadOnlyList<CsvRow> lines = _csv is null ? [] : CsvText.Read(_csv, out fault);
        if (fault is null && lines.Count == 0)
            fault = $"The text has no heading: its first line names the columns, for example {string.Join(',', columns)}.";
        if (fault is not null)
        {
            errors.Add("$", fault);
            return;
        }
        Dictionary<string, int> places = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < lines[0].Fields.Count; i++)
        {
            string name = lines[0].Fields[i];
            if (name.Length == 0)
                continue;
            if (!columns.Contains(name, StringComparer.OrdinalIgnoreCase))
                errors.Add("$", $"The heading has a column \"{name}\" that is not known here. Known are: {string.Join(", ", columns)}.");
            else if (!places.TryAdd(name, i))
                errors.Add("$", $"The heading names the column \"{name}\" twice.");
        }
        if (!places.ContainsKey(columns[0]))
            errors.Add("$", $"The heading has no column \"{columns[0]}\": the first line names the columns.");
        if (errors.Any)
            return;
        foreach (CsvRow line in lines.Skip(1))
            rows.Add((line.Line, JsonSerializer.SerializeToElement(convert(column => places.TryGetValue(column, out int at) && line[at] is { Length: > 0 } text ? text : null))));
    }
}
