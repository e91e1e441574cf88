using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudPbx.Api;

/// <summary>Adds to the OpenAPI document the parameters that the handlers' signatures do not show: the path's, read by filters, and those of <see cref="QueryParameter"/>.</summary>
internal sealed class ApiParameters : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Parameters ??= [];
        operation.RequestBody?.Content?.Remove(BodyDescriptions.AnyType);
        IEnumerable<string> inPath = (context.Description.RelativePath ?? "").Split('/')
            .Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'));
        int place = 0;
        foreach (string name in inPath)
        {
            if (!operation.Parameters.Any(p => p.Name == name))
                operation.Parameters.Insert(place, Parameter(name, ParameterLocation.Path, null));
            place++;
        }
        foreach (QueryParameter query in context.Description.ActionDescriptor.EndpointMetadata.OfType<QueryParameter>())
            operation.Parameters.Add(Parameter(query.Name, ParameterLocation.Query, query.Description));
        return Task.CompletedTask;
    }

    private static OpenApiParameter Parameter(string name, ParameterLocation location, string? description) => new()
    {
        Name = name,
        In = location,
        Required = location == ParameterLocation.Path,
        Description = description,
        Schema = new OpenApiSchema { Type = name == "limit" ? JsonSchemaType.Integer : JsonSchemaType.String },
    };
}
