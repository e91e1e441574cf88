using CloudPbx.Contracts.Identity;
using CloudPbx.Data;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Users;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Providers;
using CloudPbx.Identity.Brands;
using CloudPbx.Identity.Clients;
using CloudPbx.Identity.Connect;
using CloudPbx.Identity.Keys;
using CloudPbx.Identity.Pages;
using CloudPbx.Identity.Providers;
using CloudPbx.Identity.Seeding;
using CloudPbx.Identity.Users;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace CloudPbx.Identity;

/// <summary>Who may sign in, and the tokens: an OpenID Connect provider as a module, stand-alone or inside all-in-one.</summary>
public static class IdentityModule
{
    /// <summary>Adds it. Needs the data, which <c>Program.cs</c> chooses.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddIdentity(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        PublicUrl publicUrl = PublicUrl.Of(builder.Configuration);
        services.AddOptionsWithValidateOnStart<IdentityOptions, IdentityOptionsValidator>().BindConfiguration("Identity");
        services.AddSingleton(publicUrl);
        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddSingleton<IStartupFilter, PublicAddressFilter>();
        AddUsers(services);
        AddTokens(services, publicUrl);
        services.AddDataProtection().SetApplicationName("CloudPbx");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>, ProtectionKeys>();
        services.AddAntiforgery();
        services.Configure<AntiforgeryOptions>(forms =>
        {
            forms.Cookie.Name = "__Host-cloudpbx-form";
            forms.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            forms.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddSingleton<AttemptLimit>();
        services.AddSingleton<BrandHosts>();
        services.AddSingleton<AccountPages>();
        services.AddSingleton<PasskeyPages>();
        services.AddSignInProviders();
        services.AddSingleton<ProviderQuestions>();
        services.AddSingleton<ProviderExchange>();
        services.AddSingleton<ProviderSignIn>();
        services.AddSingleton<FirstOperator>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstOperator>());
        services.AddHostedService<PortalClient>();
        return builder;
    }

    /// <summary>Maps <c>/connect</c> and <c>/account</c>; OpenIddict itself answers <c>/.well-known/openid-configuration</c>.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns><paramref name="endpoints"/>.</returns>
    public static IEndpointRouteBuilder MapIdentity(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapConnect();
        endpoints.MapAccount();
        endpoints.MapPasskeys();
        endpoints.MapProviders();
        return endpoints;
    }

    /// <summary>The link by which the first operator chooses a password; <see langword="null"/> once that is done.</summary>
    /// <param name="services">The running host's services.</param>
    public static string? FirstOperatorLink(IServiceProvider services) => services.GetRequiredService<FirstOperator>().Link;

    private static void AddUsers(IServiceCollection services)
    {
        services.AddScoped<IUserStore<GlobalUser>, UserStore>();
        services.AddIdentityCore<GlobalUser>(options =>
            {
                // NIST SP 800-63B §5.1.1.2: length counts, rules about kinds of characters do not.
                options.Password.RequiredLength = PasswordRules.LeastLength;
                options.Password.RequireDigit = options.Password.RequireLowercase = options.Password.RequireUppercase = options.Password.RequireNonAlphanumeric = false;
                options.User.AllowedUserNameCharacters = null!;                             // who creates an account has checked the address
                options.Tokens.AuthenticatorTokenProvider = AuthenticatorCodes.Name;
            })
            .AddSignInManager<AccountSignIn>()
            .AddPasswordValidator<PasswordRules>()
            .AddTokenProvider<AuthenticatorCodes>(AuthenticatorCodes.Name);
        services.AddSingleton<PasskeyRules>();
        services.AddSingleton<IConfigureOptions<IdentityPasskeyOptions>>(provider => provider.GetRequiredService<PasskeyRules>());
        services.TryAddScoped<IPasskeyHandler<GlobalUser>, PasskeyHandler<GlobalUser>>();
        services.AddOptions<Microsoft.AspNetCore.Identity.IdentityOptions>().Configure<IOptions<IdentityOptions>>((identity, ours) =>
        {
            identity.Lockout.MaxFailedAccessAttempts = ours.Value.LockoutFailures;
            identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(ours.Value.LockoutMinutes);
        });
        services.Configure<PasswordHasherOptions>(hasher => hasher.IterationCount = 210_000);      // OWASP, for PBKDF2 with HMAC-SHA-512
        services.Configure<SecurityStampValidatorOptions>(stamps =>
        {
            stamps.ValidationInterval = TimeSpan.FromMinutes(1);
            stamps.OnRefreshingPrincipal = AccountSignIn.KeepSessionAsync;
        });
        services.AddAuthentication().AddIdentityCookies();                                  // names its schemes and sets no default
        foreach (string scheme in new[] { IdentityConstants.ApplicationScheme, IdentityConstants.TwoFactorUserIdScheme })
        {
            services.AddOptions<CookieAuthenticationOptions>(scheme).Configure<IOptions<IdentityOptions>>((cookie, ours) =>
            {
                cookie.Cookie.Name = scheme == IdentityConstants.ApplicationScheme ? "__Host-cloudpbx-signin" : "__Host-cloudpbx-step";
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.Always;
                cookie.Cookie.SameSite = SameSiteMode.Lax;                                  // a client's redirect to /connect/authorize brings it
                cookie.LoginPath = AccountEndpoints.SignInPath;
                cookie.ReturnUrlParameter = AccountEndpoints.ReturnParameter;
                cookie.ExpireTimeSpan = scheme == IdentityConstants.ApplicationScheme ? TimeSpan.FromHours(ours.Value.SignInHours) : TimeSpan.FromMinutes(10);
                if (scheme == IdentityConstants.ApplicationScheme)
                    cookie.Events.OnValidatePrincipal = AccountSignIn.ValidateAsync;
            });
        }
    }

    private static void AddTokens(IServiceCollection services, PublicUrl publicUrl)
    {
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<IConfigureOptions<OpenIddictServerOptions>>(provider => provider.GetRequiredService<TokenKeys>());
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(provider => provider.GetRequiredService<TokenKeys>());
        services.AddHostedService(provider => provider.GetRequiredService<TokenKeys>());
        services.AddSingleton<TokenPrincipals>();
        services.AddOpenIddict()
            .AddCore(core => core.ReplaceApplicationManager<GlobalClient, ClientManager>().UseEntityFrameworkCore().UseDbContext<PlatformDbContext>()
                .ReplaceDefaultEntities<GlobalClient, GlobalAuthorization, GlobalScope, GlobalToken, Guid>())
            .AddServer(server =>
            {
                server.SetIssuer(publicUrl.Origin)
                    .SetAuthorizationEndpointUris(ConnectEndpoints.Authorize)
                    .SetTokenEndpointUris(ConnectEndpoints.Token)
                    .SetUserInfoEndpointUris(ConnectEndpoints.UserInfo)
                    .SetEndSessionEndpointUris(ConnectEndpoints.EndSession)
                    .SetRevocationEndpointUris(ConnectEndpoints.Revoke)
                    .SetIntrospectionEndpointUris(ConnectEndpoints.Introspect);
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowClientCredentialsFlow().AllowRefreshTokenFlow();
                server.RegisterScopes(Scopes.Profile, Scopes.Email, Scopes.Roles, TokenClaims.Api, TokenClaims.ApiRead);
                server.RegisterClaims(TokenClaims.Name, TokenClaims.Email, Claims.EmailVerified, TokenClaims.Role, TokenClaims.Tenant, TokenClaims.Reseller, TokenClaims.Extension);
                server.DisableAccessTokenEncryption();                                      // Api verifies the signature
                server.UseAspNetCore()
                    .EnableAuthorizationEndpointPassthrough()
                    .EnableTokenEndpointPassthrough()
                    .EnableUserInfoEndpointPassthrough()
                    .EnableEndSessionEndpointPassthrough()
                    .EnableErrorPassthrough();
            });
        services.AddOptions<OpenIddictServerOptions>().Configure<IOptions<IdentityOptions>>((server, ours) =>
        {
            server.CodeChallengeMethods.Clear();
            server.CodeChallengeMethods.Add(CodeChallengeMethods.Sha256);                   // RFC 9700 §2.1.1: plain protects nothing
            server.AccessTokenLifetime = server.IdentityTokenLifetime = TimeSpan.FromSeconds(ours.Value.AccessTokenSeconds);
            server.AuthorizationCodeLifetime = TimeSpan.FromMinutes(1);                     // RFC 6749 §4.1.2: ten at most
            server.RefreshTokenLifetime = TimeSpan.FromDays(ours.Value.RefreshTokenDays);
            server.RefreshTokenReuseLeeway = TimeSpan.FromSeconds(ours.Value.RefreshReuseSeconds);
        });
    }
}
