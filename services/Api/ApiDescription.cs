using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CloudPbx.Api;

/// <summary>Says in the OpenAPI document what this is and how to authenticate; leaves out addresses, which depend on who asks.</summary>
internal sealed class ApiDescription : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "CloudPbx", Version = "v1" };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["operatorToken"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("operatorToken", document)] = [] }];
        return Task.CompletedTask;
    }
}
