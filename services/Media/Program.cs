WebApplication app = WebApplication.CreateBuilder(args).Build();
await app.RunAsync();
